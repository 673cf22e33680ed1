package io.nexus.oauth.provider;

import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.egress.UrlRule;
import io.nexus.oauth.provider.entry.ProfileVariable;
import io.nexus.oauth.provider.entry.Template;
import io.nexus.oauth.provider.reply.ProviderException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The values of a profile's template variables for one request. A variable {@code from: input} belongs to the operator
 * and is read from the client registration only: metadata can hold values that a caller imported, and a caller must not
 * choose the host that receives the client secret. Every value is checked at each use.
 */
final class TemplateVariables {

    private final ProviderProfile profile;
    private final ClientRegistration client;
    private final Map<String, String> metadata;
    private final UrlRule rule;

    /** The values of names that no profile declares. */
    private final Map<String, Optional<String>> own;

    TemplateVariables(ProviderProfile profile, ClientRegistration client, Map<String, String> metadata, UrlRule rule) {
        this(profile, client, metadata, rule, Map.of(Template.CLIENT_ID, Optional.of(client.clientId())));
    }

    private TemplateVariables(
            ProviderProfile profile,
            ClientRegistration client,
            Map<String, String> metadata,
            UrlRule rule,
            Map<String, Optional<String>> own) {
        this.profile = profile;
        this.client = client;
        this.metadata = metadata;
        this.rule = rule;
        this.own = own;
    }

    /** The same with the value of {@code name}, which no profile declares; null for a name without a value. */
    TemplateVariables with(String name, @Nullable String value) {
        Map<String, Optional<String>> more = new HashMap<>(own);
        more.put(name, Optional.ofNullable(value));
        return new TemplateVariables(profile, client, metadata, rule, more);
    }

    /** The template with its values; empty when an optional variable in it is unset. Throws Misconfigured. */
    Optional<String> text(String template) {
        return isSet(template) ? Optional.of(replace(template, false)) : Optional.empty();
    }

    /** The template as an address that {@link UrlRule} accepts; empty as in {@link #text}. Throws Misconfigured. */
    Optional<URI> url(String template) {
        return isSet(template) ? Optional.of(checked(replace(template, true))) : Optional.empty();
    }

    /** The tenant whose registration sets a variable of {@code template}; null when the operator decides all of it. */
    @Nullable String chooser(String template) {
        return Template.names(template).stream().anyMatch(client.vars()::containsKey) ? owner() : null;
    }

    /** The tenant that registered the client, or null when the operator did. */
    @Nullable String owner() {
        return client.ownerName();
    }

    /** {@code url}, if {@link UrlRule} accepts it. Throws Misconfigured. */
    URI checked(String url) {
        Optional<String> fault = rule.fault(url);
        if (fault.isPresent()) {
            throw misconfigured("bad_url", "an endpoint " + fault.get());
        }
        return URI.create(url);
    }

    private boolean isSet(String template) {
        return Template.names(template).stream().allMatch(name -> value(name).isPresent());
    }

    private String replace(String template, boolean inUrl) {
        return Template.replace(template, name -> inUrl ? encoded(name) : required(name));
    }

    private String required(String name) {
        return value(name).orElse("");
    }

    private String encoded(String name) {
        ProfileVariable variable = profile.vars().get(name);
        boolean bounded = variable != null
                && (variable.pattern() != null || !variable.allowHosts().isEmpty());
        return bounded ? required(name) : URLEncoder.encode(required(name), StandardCharsets.UTF_8);
    }

    private Optional<String> value(String name) {
        ProfileVariable variable = profile.vars().get(name);
        if (variable == null) {
            Optional<String> known = own.get(name);
            if (known != null) {
                return known;
            }
            throw misconfigured("unknown_variable", "the variable " + name + " is not declared");
        }
        Optional<String> value = Optional.ofNullable(rawValue(name, variable));
        if (value.isEmpty() && !variable.optional()) {
            throw misconfigured("missing_variable", "the variable " + name + " has no value");
        }
        value.flatMap(variable::fault).ifPresent(fault -> {
            throw misconfigured("bad_variable", "the value of the variable " + name + " " + fault);
        });
        return value;
    }

    private @Nullable String rawValue(String name, ProfileVariable variable) {
        List<@Nullable String> candidates = new ArrayList<>();
        candidates.add(client.vars().get(name));
        candidates.add(variable.from().equals(ProfileVariable.INPUT) ? null : metadata.get(name));
        candidates.add(variable.fallback());
        for (String candidate : candidates) {
            if (candidate != null) {
                return candidate;
            }
        }
        return null;
    }

    private ProviderException.Misconfigured misconfigured(String code, String detail) {
        return new ProviderException.Misconfigured(profile.id(), code, detail);
    }
}
