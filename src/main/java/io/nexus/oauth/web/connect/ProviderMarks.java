package io.nexus.oauth.web.connect;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.web.connect.Look.ProviderMark;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Named;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The names and icons of providers, and their scopes in words. Templates of other rooms read it by its bean name. The icons are files of this service, so no page loads anything from another host. */
@ApplicationScoped
@Named("providerMarks")
class ProviderMarks {

    private static final String FOLDER = "/assets/icons/";

    private final ProviderCatalogue catalogue;
    private final Map<String, Boolean> present = new ConcurrentHashMap<>(); // as large as the catalogue

    ProviderMarks(ProviderCatalogue catalogue) {
        this.catalogue = catalogue;
    }

    /** The mark of the provider {@code id}, also when the catalogue has no such provider any more. */
    public ProviderMark of(String id) {
        return profile(id).map(this::of).orElseGet(() -> new ProviderMark(id, ""));
    }

    /** The profile of the provider {@code id}; empty when the catalogue has no such provider any more. */
    Optional<ProviderProfile> profile(String id) {
        return catalogue.find(id).map(OAuthProvider::profile);
    }

    ProviderMark of(ProviderProfile profile) {
        String icon = profile.display().icon();
        return new ProviderMark(
                profile.name(),
                icon != null && present.computeIfAbsent(icon, ProviderMarks::isPresent) ? FOLDER + icon + ".svg" : "");
    }

    /** The permissions of {@code scopes} in English words, for the pages of operators. */
    public ScopeWords.Permissions permissions(String id, List<String> scopes) {
        return profile(id)
                .map(profile ->
                        ScopeWords.of(profile, Scopes.of(scopes), Locale.ENGLISH, PageRenderer.words(Locale.ENGLISH)))
                .orElseGet(() -> ScopeWords.Permissions.of(List.of(), scopes));
    }

    private static boolean isPresent(String icon) {
        return ProviderMarks.class.getClassLoader().getResource("META-INF/resources" + FOLDER + icon + ".svg") != null;
    }
}
