/**
 * Writes the pages below {@code src/site/markdown/reference} from their sources and checks that they have not drifted. Checks all
 * Markdown of the repository, and executes the shell blocks of the README and the tutorials against the packaged jar.
 */
@NullMarked
package io.nexus.oauth.docs;

import org.jspecify.annotations.NullMarked;
