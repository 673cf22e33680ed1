package io.nexus.oauth.sandbox;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The scopes it knows. */
final class SandboxScopes {

    /** As the metadata lists them; the two for files stand for whatever a real provider would sell. */
    static final List<String> KNOWN =
            List.of("openid", "profile", "email", "offline_access", "files.read", "files.write");

    private SandboxScopes() {}

    /** The scope to grant; asked for nothing it is {@code profile email}. */
    static String granted(@Nullable String asked) {
        if (asked == null || asked.isBlank()) {
            return "profile email";
        }
        return check(split(asked), Set.copyOf(KNOWN));
    }

    /** {@code asked}, which must not go beyond {@code granted} (RFC 6749 section 6). */
    static String within(String granted, String asked) {
        return check(split(asked), split(granted));
    }

    private static String check(Set<String> asked, Set<String> allowed) {
        if (!allowed.containsAll(asked)) {
            throw OAuthError.of("invalid_scope", "allowed are " + String.join(" ", allowed));
        }
        return String.join(" ", asked);
    }

    private static Set<String> split(String scope) {
        return new LinkedHashSet<>(Arrays.asList(scope.strip().split(" +")));
    }
}
