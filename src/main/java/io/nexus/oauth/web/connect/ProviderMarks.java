package io.nexus.oauth.web.connect;

import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.web.connect.Look.ProviderMark;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The names and icons of providers. The icons are files of this service, so no page loads anything from another host. */
@ApplicationScoped
class ProviderMarks {

    private static final String FOLDER = "/assets/icons/";

    private final ProviderCatalogue catalogue;
    private final Map<String, Boolean> present = new ConcurrentHashMap<>(); // as large as the catalogue

    ProviderMarks(ProviderCatalogue catalogue) {
        this.catalogue = catalogue;
    }

    /** The mark of the provider {@code id}, also when the catalogue has no such provider any more. */
    ProviderMark of(String id) {
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

    private static boolean isPresent(String icon) {
        return ProviderMarks.class.getClassLoader().getResource("META-INF/resources" + FOLDER + icon + ".svg") != null;
    }
}
