package io.nexus.oauth.provider.catalogue;

import io.nexus.oauth.provider.egress.UrlRule;
import io.nexus.oauth.provider.entry.CatalogueSection;
import io.nexus.oauth.provider.entry.ExchangeCall;
import io.nexus.oauth.provider.entry.JwtBearer;
import io.nexus.oauth.provider.entry.ProfileTerm.ExchangeStyle;
import io.nexus.oauth.provider.entry.ProfileTerm.IdentitySource;
import io.nexus.oauth.provider.entry.ProfileTerm.RevokeStyle;
import io.nexus.oauth.provider.entry.ProfileVariable;
import io.nexus.oauth.provider.entry.Template;
import io.nexus.oauth.provider.entry.TokenCall;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Checks the parts of a profile against each other: missing endpoints, invalid templates, hosts that a variable could
 * change.
 */
final class ProfileRules {

    private static final Pattern HEADER_NAME = Pattern.compile("[A-Za-z0-9-]+");
    private static final Pattern SCHEME = Pattern.compile("(?i)https?://.*");

    private final ProviderProfile profile;
    private final CatalogueSection findings;
    private final UrlRule rule;

    /** The variables that a profile need not declare where the rules are at present. */
    private Set<String> known = Set.of(Template.CLIENT_ID);

    ProfileRules(ProviderProfile profile, CatalogueSection findings, UrlRule rule) {
        this.profile = profile;
        this.findings = findings;
        this.rule = rule;
    }

    void check() {
        profile.vars().forEach(this::variable);
        endpoint("authorize.url", profile.authorize().url());
        endpoint("token.url", profile.token().url());
        TokenCall upgrade = profile.upgrade();
        if (upgrade != null) {
            endpoint("upgrade.url", upgrade.url());
            call("upgrade", upgrade);
        }
        endpoint("refresh.url", profile.refresh().call().url());
        endpoint("client_credentials.url", profile.clientCredentials().call().url());
        JwtBearer bearer = profile.jwtBearer();
        if (bearer != null) {
            bearer(bearer);
        }
        ExchangeCall exchange = profile.tokenExchange();
        if (exchange != null) {
            exchange(exchange);
        }
        if (profile.revoke().style() != RevokeStyle.NONE) {
            optionalEndpoint("revoke.url", profile.revoke().url());
        }
        if (profile.identity().id() != null && profile.identity().from() == IdentitySource.USERINFO) {
            optionalEndpoint("identity.url", profile.identity().url());
        }
        ProviderProfile.Issuer issuer = profile.issuer();
        if (issuer != null) {
            endpoint("issuer", issuer.url());
        } else if (profile.authorize().pushed()) {
            findings.fault("authorize.pushed", "needs an issuer, whose metadata names the endpoint");
        }
        references();
        if (!Collections.disjoint(profile.errors().permanent(), profile.errors().rateLimited())) {
            findings.fault("errors.rate_limited", "must not hold a code that is permanent");
        }
    }

    private void variable(String name, ProfileVariable variable) {
        if (variable.from().startsWith("identity:") && profile.identity().from() != IdentitySource.USERINFO) {
            findings.fault("vars." + name + ".from", "needs identity.from: userinfo, whose answer has the value");
        }
        String fallback = variable.fallback();
        if (fallback != null) {
            variable.fault(fallback).ifPresent(fault -> findings.fault("vars." + name + ".default", fault));
        }
    }

    private void references() {
        templates("authorize.params", profile.authorize().params().values());
        if (!profile.authorize().params().getOrDefault("response_mode", "query").equals("query")) {
            findings.fault(
                    "authorize.params.response_mode", "must be query: the callback reads no form and no fragment");
        }
        call("token", profile.token());
        call("refresh", profile.refresh().call());
        call("client_credentials", profile.clientCredentials().call());
        templates("revoke.params", profile.revoke().params().values());
        if (profile.revoke().style() == RevokeStyle.UNINSTALL
                && profile.revoke().params().isEmpty()) {
            findings.fault("revoke.params", "is missing: without a token it must name the account");
        }
        headers("identity.headers", profile.identity().headers());
        String base = profile.api().base();
        if (base != null) {
            template("api.base", base);
        }
    }

    private void bearer(JwtBearer bearer) {
        List.of(Template.SUBJECT, Template.SCOPE, Template.TOKEN_ENDPOINT).forEach(name -> {
            if (profile.vars().containsKey(name)) {
                findings.fault("vars." + name, "is a name that jwt_bearer uses itself");
            }
        });
        known = Set.of(Template.CLIENT_ID, Template.SUBJECT);
        String url = bearer.call().url();
        endpoint("jwt_bearer.url", url);
        if (url != null
                && Template.names(url).contains(Template.SUBJECT)
                && !bearer.subject().isBounded()) {
            findings.fault("jwt_bearer.subject", "stands in the URL: it needs a pattern, and required: true");
        }
        call("jwt_bearer", bearer.call());
        known = Set.of(Template.CLIENT_ID, Template.SUBJECT, Template.SCOPE, Template.TOKEN_ENDPOINT);
        templates("jwt_bearer.claims", bearer.claims().values());
        known = Set.of(Template.CLIENT_ID);
    }

    private void exchange(ExchangeCall exchange) {
        endpoint("token_exchange.url", exchange.call().url());
        call("token_exchange", exchange.call());
        String audience = exchange.audience();
        if (audience != null) {
            template("token_exchange.audience", audience);
        } else if (exchange.style() == ExchangeStyle.ID_JAG && profile.issuer() == null) {
            findings.fault("token_exchange.audience", "is missing, and there is no issuer in its place");
        }
    }

    private void call(String key, TokenCall call) {
        headers(key + ".headers", call.headers());
        templates(key + ".params", call.params().values());
    }

    private void headers(String key, Map<String, String> headers) {
        headers.forEach((name, value) -> {
            if (!HEADER_NAME.matcher(name).matches() || value.chars().anyMatch(c -> c < 0x20 || c > 0x7e)) {
                findings.fault(key + "." + name, "is not a header");
            }
        });
        templates(key, headers.values());
    }

    private void templates(String key, Collection<String> templates) {
        templates.forEach(template -> template(key, template));
    }

    /** Whether the template is valid: it is well-formed, and every variable is declared. */
    private boolean template(String key, String template) {
        if (Template.literal(template).contains("${")) {
            findings.fault(key, "is not a valid template: write a reference as ${name}");
            return false;
        }
        boolean declared = true;
        for (String name : Template.names(template)) {
            if (!profile.vars().containsKey(name) && !known.contains(name)) {
                findings.fault(key, "the variable " + name + " is not declared under vars");
                declared = false;
            }
        }
        return declared;
    }

    private void endpoint(String key, @Nullable String url) {
        optionalEndpoint(key, url);
        for (String name : url == null ? List.<String>of() : Template.names(url)) {
            ProfileVariable variable = profile.vars().get(name);
            if (variable != null && variable.optional() && variable.fallback() == null) {
                findings.fault(key, "uses the optional variable " + name + ", which has no default");
            }
        }
    }

    private void optionalEndpoint(String key, @Nullable String url) {
        if (url == null) {
            if (profile.issuer() == null) {
                findings.fault(key, "is missing, and there is no issuer to discover it from");
            }
        } else if (template(key, url)) {
            address(key, url);
        }
    }

    private void address(String key, String url) {
        String host = hostPart(url);
        for (String name : Template.names(host)) {
            if (!isBounded(name)) {
                findings.fault(key, "the variable " + name + " can change the host: give it a pattern or allow_hosts");
            }
        }
        Optional<String> fault = host.contains("${") ? prefixFault(url) : rule.fault(example(url));
        fault.ifPresent(text -> findings.fault(key, text));
    }

    /** An address with a variable in its host can only be checked in full when it is used. */
    private Optional<String> prefixFault(String url) {
        if (url.startsWith("${") || url.startsWith("https://")) {
            return Optional.empty();
        }
        return Optional.of("must be https");
    }

    private boolean isBounded(String name) {
        ProfileVariable variable = profile.vars().get(name);
        return variable != null
                && (variable.pattern() != null || !variable.allowHosts().isEmpty());
    }

    static boolean hasFreeHost(ProviderProfile profile) {
        ProviderProfile.Issuer issuer = profile.issuer();
        return Stream.of(
                        Optional.ofNullable(issuer == null ? null : issuer.url()),
                        Optional.ofNullable(profile.token().url()),
                        Optional.ofNullable(profile.upgrade()).map(TokenCall::url),
                        Optional.ofNullable(profile.refresh().call().url()),
                        Optional.ofNullable(profile.clientCredentials().call().url()),
                        Optional.ofNullable(profile.jwtBearer())
                                .map(bearer -> bearer.call().url()),
                        Optional.ofNullable(profile.tokenExchange())
                                .map(exchange -> exchange.call().url()),
                        Optional.ofNullable(profile.revoke().url()),
                        Optional.ofNullable(profile.identity().url()))
                .flatMap(Optional::stream)
                .flatMap(url -> Template.names(hostPart(url)).stream())
                .map(profile.vars()::get)
                .anyMatch(variable -> variable != null && variable.allowHosts().isEmpty());
    }

    /** The part of the URL that determines the host: up to the first slash after the scheme. */
    private static String hostPart(String url) {
        if (!SCHEME.matcher(url).matches()) {
            return url;
        }
        int start = url.indexOf("://") + 3;
        int end = url.indexOf('/', start);
        return end < 0 ? url : url.substring(0, end);
    }

    private static String example(String url) {
        return url.replaceAll("\\$\\{[^}]*}", "x");
    }
}
