package io.nexus.oauth.provider;

import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.entry.ProfileVariable;
import io.nexus.oauth.provider.entry.Template;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** How a consumer sends a provider's token, and the base address of its API. Never blocks, never fails. */
@ApplicationScoped
public class ApiHints {

    private static final String BEARER = "Authorization: Bearer";

    private final ProviderCatalogue catalogue;

    ApiHints(ProviderCatalogue catalogue) {
        this.catalogue = catalogue;
    }

    /**
     * The hint for a token.
     *
     * @param metadata the grant's metadata, which may name the API's address (Salesforce's {@code instance_url}); an
     *     imported grant brings its own, so only values that the profile allows are used
     */
    public Hint of(String provider, Map<String, String> metadata) {
        Optional<ProviderProfile> profile = catalogue.find(provider).map(OAuthProvider::profile);
        return new Hint(
                profile.map(known -> known.api().header()).orElse(BEARER),
                profile.map(known -> base(known, metadata)).orElse(null));
    }

    private static @Nullable String base(ProviderProfile profile, Map<String, String> metadata) {
        String template = profile.api().base();
        if (template == null) {
            return null;
        }
        String text = template;
        for (String name : Template.names(template)) {
            ProfileVariable variable = profile.vars().get(name);
            String value = metadata.get(name);
            if (value == null
                    || variable == null
                    || variable.from().equals(ProfileVariable.INPUT)
                    || variable.fault(value).isPresent()) {
                return null;
            }
            text = text.replace("${" + name + "}", value);
        }
        return text;
    }

    /**
     * How to use a token.
     *
     * @param header the header, without the space and the token that follow it
     * @param base the base address of the API, or null when it does not depend on the account or is not allowed
     */
    public record Hint(String header, @Nullable String base) {}
}
