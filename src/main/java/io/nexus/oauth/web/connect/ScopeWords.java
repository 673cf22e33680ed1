package io.nexus.oauth.web.connect;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/** The permissions of scopes in words: those of the provider file, and those of OpenID Connect Core (sections 5.4 and 11). */
final class ScopeWords {

    /** The most scopes that a page names without words. Callers choose scopes; a page stays readable. */
    static final int MAX_UNNAMED = 20;

    private static final Map<String, Function<Words, String>> STANDARD = Map.of(
            "openid", Words::scopeOpenid,
            "profile", Words::scopeProfile,
            "email", Words::scopeEmail,
            "address", Words::scopeAddress,
            "phone", Words::scopePhone,
            "offline_access", Words::scopeOfflineAccess);

    private ScopeWords() {}

    /** {@code scopes} in the language of {@code words}. */
    static Permissions of(ProviderProfile profile, Scopes scopes, Locale locale, Words words) {
        Set<String> named = new LinkedHashSet<>(); // two scopes may permit the same
        Set<String> unnamed = new LinkedHashSet<>();
        for (String scope : scopes.values()) {
            Optional<String> text = profile.display()
                    .words(scope, locale)
                    .or(() -> Optional.ofNullable(STANDARD.get(scope)).map(standard -> standard.apply(words)));
            text.ifPresentOrElse(named::add, () -> unnamed.add(scope));
        }
        return Permissions.of(List.copyOf(named), List.copyOf(unnamed));
    }

    /**
     * The permissions of an application.
     *
     * @param named in words
     * @param unnamed the scopes that nobody has put into words
     * @param more whether there are more of them than {@code unnamed} has
     */
    public record Permissions(List<String> named, List<String> unnamed, boolean more) {

        static Permissions of(List<String> named, List<String> unnamed) {
            return new Permissions(named, unnamed.stream().limit(MAX_UNNAMED).toList(), unnamed.size() > MAX_UNNAMED);
        }

        /** Whether the scopes say nothing, because the provider decides. */
        public boolean isEmpty() {
            return named.isEmpty() && unnamed.isEmpty();
        }
    }
}
