package io.nexus.oauth.provider;

import io.nexus.oauth.provider.catalogue.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Issuer;
import io.nexus.oauth.provider.catalogue.ProviderProfile.TokenCall;
import io.nexus.oauth.provider.egress.UrlRule;
import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Resolves a provider's endpoints: from the profile, or from discovered metadata. */
final class Endpoints {

    private final ProviderProfile profile;
    private final Discovery discovery;
    private final UrlRule rule;

    Endpoints(ProviderProfile profile, Discovery discovery, UrlRule rule) {
        this.profile = profile;
        this.discovery = discovery;
        this.rule = rule;
    }

    TemplateVariables variables(ClientRegistration client, Map<String, String> metadata) {
        return new TemplateVariables(profile, client, metadata, rule);
    }

    Uni<URI> authorize(TemplateVariables vars) {
        return required(vars, profile.authorize().url(), "authorization_endpoint");
    }

    Uni<URI> token(TemplateVariables vars, TokenCall call) {
        return required(vars, call.url(), "token_endpoint");
    }

    Uni<Optional<URI>> revoke(TemplateVariables vars) {
        return find(vars, profile.revoke().url(), "revocation_endpoint");
    }

    Uni<Optional<URI>> userinfo(TemplateVariables vars) {
        return find(vars, profile.identity().url(), "userinfo_endpoint");
    }

    /** The issuer's JSON Web Key Set (RFC 8414 section 2); empty when the profile names no issuer. */
    Uni<Optional<URI>> keys(TemplateVariables vars) {
        return find(vars, null, "jwks_uri");
    }

    /** Whether {@code actual} is the issuer that the profile names; false when it names none. */
    boolean isIssuer(TemplateVariables vars, String actual) {
        Issuer known = profile.issuer();
        return known != null
                && issuer(vars)
                        .filter(url -> Discovery.isSame(actual, url, known))
                        .isPresent();
    }

    /** {@code auth}; {@link ClientAuth#DISCOVERED} is resolved by the metadata. */
    Uni<ClientAuth> auth(TemplateVariables vars, ClientAuth auth) {
        if (auth != ClientAuth.DISCOVERED || profile.issuer() == null) {
            return Uni.createFrom().item(auth);
        }
        return metadata(vars).map(found -> found.requiresSecretInBody() ? ClientAuth.POST : ClientAuth.BASIC);
    }

    /** The issuer, if the profile names one. */
    Optional<String> issuer(TemplateVariables vars) {
        Issuer issuer = profile.issuer();
        return issuer == null ? Optional.empty() : vars.url(issuer.url()).map(URI::toString);
    }

    /** Fetches the metadata, if the profile names an issuer. Fails as {@link Discovery#metadata} does. */
    Uni<Void> check(TemplateVariables vars) {
        return profile.issuer() == null
                ? Uni.createFrom().voidItem()
                : metadata(vars).replaceWithVoid();
    }

    private Uni<URI> required(TemplateVariables vars, @Nullable String template, String name) {
        return find(vars, template, name)
                .map(found -> found.orElseThrow(() -> new ProviderException.Misconfigured(
                        profile.id(), "missing_endpoint", "the profile has no " + name.replace('_', ' '))));
    }

    private Uni<Optional<URI>> find(TemplateVariables vars, @Nullable String template, String name) {
        if (template != null) {
            return Uni.createFrom().item(() -> vars.url(template));
        }
        if (profile.issuer() == null) {
            return Uni.createFrom().item(Optional.empty());
        }
        return metadata(vars).map(found -> found.endpoint(name).map(URI::create));
    }

    private Uni<Discovery.Document> metadata(TemplateVariables vars) {
        return Uni.createFrom().deferred(() -> {
            Issuer issuer = profile.issuer();
            Optional<URI> url = issuer == null ? Optional.empty() : vars.url(issuer.url());
            if (issuer == null || url.isEmpty()) {
                throw new ProviderException.Misconfigured(profile.id(), "missing_issuer", "the profile has no issuer");
            }
            return discovery.metadata(profile.id(), url.get(), issuer);
        });
    }
}
