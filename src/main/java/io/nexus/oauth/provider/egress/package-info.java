/**
 * Sends single HTTP requests to external servers. Decides which addresses are allowed, which certificates are trusted,
 * whether a forward proxy is used, and how much of a body is read.
 *
 * <p>Requests to token endpoints are built in {@code provider}, their responses read in {@code provider.reply}. Must
 * not: repeat a request or follow a redirect. The caller decides both.
 */
@NullMarked
package io.nexus.oauth.provider.egress;

import org.jspecify.annotations.NullMarked;
