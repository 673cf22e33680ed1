package io.nexus.oauth.api;

import org.jspecify.annotations.Nullable;

/**
 * Creates a link with which a person sees and ends the own connections.
 *
 * @param user the user whose connections the page shows. Required
 * @param expiresIn how long the link is valid, in seconds: 60 to 86400 (a day). The default is 300. The page is open for 30 minutes
 * @param returnUrl the URL to which the page leads back. It must be one of {@code nexus.oauth.connect.return-urls}
 */
public record AccountLinkRequest(
        @Nullable String user,
        @Nullable Long expiresIn,
        @Nullable String returnUrl) {

    public static final int MIN_EXPIRES_IN = 60;

    /** A day. */
    public static final int MAX_EXPIRES_IN = 24 * 60 * 60;
}
