package io.nexus.oauth.provider.assertion;

import java.time.Duration;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The content of an assertion that is a grant (RFC 7523 section 2.1). {@code iat}, {@code exp} and {@code jti} are added to it.
 *
 * @param claims its other claims, in order
 * @param lifetime how long it is valid
 * @param leeway how far {@code iat} lies in the past, for a server whose clock is slow
 * @param named whether its header has the key id
 */
public record GrantAssertion(Map<String, String> claims, Duration lifetime, Duration leeway, boolean named) {

    /** Copies the claims. */
    public GrantAssertion {
        claims = Collections.unmodifiableMap(new LinkedHashMap<>(claims));
    }
}
