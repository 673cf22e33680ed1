package io.nexus.oauth.provider;

import io.nexus.oauth.provider.ProviderProfile.Variable;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The values of a profile's template variables for one request. A variable {@code from: input} is the operator's and comes from
 * the client registration alone: metadata can hold what a caller imported, and a caller must not choose where our client secret
 * goes. Every value is checked at each use.
 */
final class Variables {

    /** The one variable that need not be declared. */
    static final String CLIENT_ID = "client_id";

    static final String INPUT = "input";

    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([a-z][a-z0-9_]*)}");

    private final ProviderProfile profile;
    private final ClientRegistration client;
    private final Map<String, String> metadata;
    private final UrlRule rule;

    Variables(ProviderProfile profile, ClientRegistration client, Map<String, String> metadata, UrlRule rule) {
        this.profile = profile;
        this.client = client;
        this.metadata = metadata;
        this.rule = rule;
    }

    /** The names that {@code template} refers to. */
    static List<String> names(String template) {
        return REFERENCE
                .matcher(template)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    /** What is left of {@code template} without its references. */
    static String literal(String template) {
        return REFERENCE.matcher(template).replaceAll("");
    }

    /** What is wrong with {@code value} for {@code variable}; empty when nothing is. */
    static Optional<String> fault(Variable variable, String value) {
        if (value.chars().anyMatch(Character::isISOControl)) {
            return Optional.of("has control characters");
        }
        Pattern pattern = variable.pattern();
        if (pattern != null && !pattern.matcher(value).matches()) {
            return Optional.of("does not match its pattern");
        }
        List<String> hosts = variable.allowHosts();
        return hosts.isEmpty() || hosts.stream().anyMatch(allowed -> isHost(allowed, value))
                ? Optional.empty()
                : Optional.of("names a host that is not allowed");
    }

    /** The template with its values; empty when an optional variable in it is unset. Throws Misconfigured. */
    Optional<String> text(String template) {
        return isSet(template) ? Optional.of(replace(template, false)) : Optional.empty();
    }

    /** The template as an address that {@link UrlRule} accepts; empty as in {@link #text}. Throws Misconfigured. */
    Optional<URI> url(String template) {
        return isSet(template) ? Optional.of(checked(replace(template, true))) : Optional.empty();
    }

    /** {@code url} if it is one that we talk to. Throws Misconfigured. */
    URI checked(String url) {
        Optional<String> fault = rule.fault(url);
        if (fault.isPresent()) {
            throw misconfigured("bad_url", "an endpoint " + fault.get());
        }
        return URI.create(url);
    }

    private boolean isSet(String template) {
        return names(template).stream().allMatch(name -> value(name).isPresent());
    }

    private String replace(String template, boolean inUrl) {
        return REFERENCE
                .matcher(template)
                .replaceAll(match -> Matcher.quoteReplacement(inUrl ? encoded(match) : required(match)));
    }

    private String required(MatchResult match) {
        return value(match.group(1)).orElse("");
    }

    private String encoded(MatchResult match) {
        Variable variable = profile.vars().get(match.group(1));
        boolean bounded = variable != null
                && (variable.pattern() != null || !variable.allowHosts().isEmpty());
        return bounded ? required(match) : URLEncoder.encode(required(match), StandardCharsets.UTF_8);
    }

    private Optional<String> value(String name) {
        Variable variable = profile.vars().get(name);
        if (variable == null) {
            if (name.equals(CLIENT_ID)) {
                return Optional.of(client.clientId());
            }
            throw misconfigured("unknown_variable", "the variable " + name + " is not declared");
        }
        Optional<String> value = Optional.ofNullable(given(name, variable));
        if (value.isEmpty() && !variable.optional()) {
            throw misconfigured("missing_variable", "the variable " + name + " has no value");
        }
        value.flatMap(text -> fault(variable, text)).ifPresent(fault -> {
            throw misconfigured("bad_variable", "the value of the variable " + name + " " + fault);
        });
        return value;
    }

    private @Nullable String given(String name, Variable variable) {
        List<@Nullable String> candidates = new ArrayList<>();
        candidates.add(client.vars().get(name));
        candidates.add(variable.from().equals(INPUT) ? null : metadata.get(name));
        candidates.add(variable.fallback());
        for (String candidate : candidates) {
            if (candidate != null) {
                return candidate;
            }
        }
        return null;
    }

    private static boolean isHost(String allowed, String value) {
        String host = value.replaceFirst("^https?://", "").replaceFirst("[:/?#].*$", "");
        return allowed.startsWith(".") ? host.endsWith(allowed) : host.equals(allowed);
    }

    private ProviderException.Misconfigured misconfigured(String code, String detail) {
        return new ProviderException.Misconfigured(profile.id(), code, detail);
    }
}
