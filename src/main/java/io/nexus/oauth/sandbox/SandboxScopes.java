package io.nexus.oauth.sandbox;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The scopes of the sandbox. */
final class SandboxScopes {

    /** As the metadata lists them; the two scopes for files stand for those of a real provider. */
    static final List<String> KNOWN =
            List.of("openid", "profile", "email", "offline_access", "files.read", "files.write");

    private SandboxScopes() {}

    /**
     * The scopes to grant; {@code profile email} when the client requests none. Throws {@link OAuthError} for an
     * unknown scope.
     */
    static String granted(@Nullable String asked) {
        if (asked == null || asked.isBlank()) {
            return "profile email";
        }
        return check(split(asked), Set.copyOf(KNOWN));
    }

    /** As {@link #granted}, for the client itself: only the scopes for files, which is also the default. */
    static String ofClient(@Nullable String asked) {
        return asked == null || asked.isBlank()
                ? "files.read"
                : check(split(asked), Set.of("files.read", "files.write"));
    }

    /** Returns {@code asked}. Throws {@link OAuthError} when it exceeds {@code granted} (RFC 6749 section 6). */
    static String within(String granted, String asked) {
        return check(split(asked), split(granted));
    }

    private static String check(Set<String> asked, Set<String> allowed) {
        if (!allowed.containsAll(asked)) {
            throw OAuthError.of("invalid_scope", "the allowed scopes are " + String.join(" ", allowed));
        }
        return String.join(" ", asked);
    }

    private static Set<String> split(String scope) {
        return new LinkedHashSet<>(Arrays.asList(scope.strip().split(" +")));
    }
}
