package io.nexus.oauth.provider;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Tells consumers how a provider wants its tokens sent and where its API is. Never blocks, never fails. */
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
     * @param metadata the grant's facts, which may name the API's address (Salesforce's {@code instance_url})
     */
    public Hint of(String provider, Map<String, String> metadata) {
        Optional<ProviderProfile.Api> api =
                catalogue.find(provider).map(known -> known.profile().api());
        return new Hint(
                api.map(ProviderProfile.Api::header).orElse(BEARER),
                api.map(ProviderProfile.Api::base)
                        .map(base -> filled(base, metadata))
                        .orElse(null));
    }

    private static @Nullable String filled(String template, Map<String, String> metadata) {
        String text = template;
        for (String name : Variables.names(template)) {
            String value = metadata.get(name);
            if (value == null) {
                return null;
            }
            text = text.replace("${" + name + "}", value);
        }
        return text;
    }

    /**
     * How to use a token.
     *
     * @param header the header, complete but for a space and the token
     * @param base the base address of the API, or null when it does not depend on the account
     */
    public record Hint(String header, @Nullable String base) {}
}
