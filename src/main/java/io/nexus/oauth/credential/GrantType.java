package io.nexus.oauth.credential;

import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** How a connection gets its first tokens (RFC 6749 section 1.3). */
public enum GrantType {
    /** A person allowed it in a browser, or another service did and the grant was imported (RFC 6749 section 4.1). */
    AUTHORIZATION_CODE,
    /** The OAuth client asks for itself, without a person: a machine connection (RFC 6749 section 4.4). */
    CLIENT_CREDENTIALS,
    /** The OAuth client asks with an assertion that it signs, without a person: a machine connection (RFC 7523 section 2.1). */
    JWT_BEARER;

    /** The text in the API, and the value of {@code grant_type} in a token request. */
    public String value() {
        return this == JWT_BEARER ? "urn:ietf:params:oauth:grant-type:jwt-bearer" : name().toLowerCase(Locale.ROOT);
    }

    /** Whether a connection gets its tokens without a person. */
    public boolean isMachine() {
        return this != AUTHORIZATION_CODE;
    }

    /** The grant type of the text {@code value}; throws {@link IllegalArgumentException} for any other text. */
    public static GrantType of(String value) {
        return Arrays.stream(values())
                .filter(type -> type.value().equals(value))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("must be one of "
                        + Arrays.stream(values()).map(GrantType::value).collect(Collectors.joining(", "))));
    }
}
