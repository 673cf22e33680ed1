package io.nexus.oauth.rest.exchange;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.nexus.oauth.credential.Scopes;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The answer that issues a token (RFC 8693 section 2.2.1). */
@JsonInclude(JsonInclude.Include.NON_NULL)
record IssuedToken(
        String accessToken,
        String issuedTokenType,
        String tokenType,
        @Nullable Long expiresIn,
        @Nullable String scope) {

    /** A token that expires at {@code expiresAt}, if at all. */
    static IssuedToken of(
            String accessToken,
            String issuedTokenType,
            String tokenType,
            @Nullable Instant expiresAt,
            Scopes scopes,
            Instant now) {
        Long expiresIn = expiresAt == null
                ? null
                : Math.max(0, Duration.between(now, expiresAt).toSeconds());
        return new IssuedToken(
                accessToken, issuedTokenType, tokenType, expiresIn, scopes.isEmpty() ? null : scopes.join(" "));
    }

    Response answer() {
        return Response.ok(this)
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header("Pragma", "no-cache")
                .build();
    }

    /** Without the token. */
    @Override
    public String toString() {
        return "IssuedToken";
    }
}
