/**
 * The pages that a person sees while connecting an account, and the person's own page of connected accounts. They need no
 * login: one-time links, signed links and cookies identify the person.
 *
 * <p>Page texts are in {@code src/main/resources/messages}, one file a language; {@link io.nexus.oauth.web.connect.Words}
 * names them. {@code SessionEnd} has the text for each code that ends a session. The permission of a scope stands in the provider
 * file. The look is in {@code connect.theme}. Must not: use {@code store} or decide a permission.
 */
@NullMarked
package io.nexus.oauth.web.connect;

import org.jspecify.annotations.NullMarked;
