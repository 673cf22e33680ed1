/**
 * Moves grants in and out: import sources, name mapping, and the export key.
 */
@NullMarked
package io.nexus.oauth.cli.transfer;

import org.jspecify.annotations.NullMarked;
