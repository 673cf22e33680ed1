package io.nexus.oauth.provider;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.assertion.ClientAssertions;
import io.nexus.oauth.provider.assertion.ClientCertificate;
import io.nexus.oauth.provider.assertion.ClientKey;
import io.nexus.oauth.provider.assertion.GrantAssertion;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Issuer;
import io.nexus.oauth.provider.egress.UrlRule;
import io.nexus.oauth.provider.entry.JwtBearer;
import io.nexus.oauth.provider.entry.ProfileTerm.AssertionAudience;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.entry.ProfileTerm.KeyId;
import io.nexus.oauth.provider.entry.Template;
import io.nexus.oauth.provider.entry.TokenCall;
import io.nexus.oauth.provider.metadata.Discovery;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.ReplyBody;
import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Resolves a provider's endpoints: from the profile, or from discovered metadata. */
final class Endpoints {

    private static final String TOKEN = "token_endpoint";

    private final ProviderProfile profile;
    private final Discovery discovery;
    private final UrlRule rule;
    private final ClientAssertions assertions;
    private final InstantSource clock;

    Endpoints(
            ProviderProfile profile,
            Discovery discovery,
            UrlRule rule,
            ClientAssertions assertions,
            InstantSource clock) {
        this.profile = profile;
        this.discovery = discovery;
        this.rule = rule;
        this.assertions = assertions;
        this.clock = clock;
    }

    TemplateVariables variables(ClientRegistration client, Map<String, String> metadata) {
        return new TemplateVariables(profile, client, metadata, rule);
    }

    Uni<URI> authorize(TemplateVariables vars) {
        return required(vars, profile.authorize().url(), "authorization_endpoint");
    }

    /**
     * The endpoint for pushed authorization requests (RFC 9126 section 5), if the profile or the metadata demands them. An
     * authorization endpoint in the profile keeps the metadata out of a connect flow otherwise.
     */
    Uni<Optional<URI>> pushed(TemplateVariables vars) {
        boolean always = profile.authorize().pushed();
        return profile.issuer() == null || (profile.authorize().url() != null && !always)
                ? Uni.createFrom().item(Optional.empty())
                : metadata(vars).map(found -> found.pushed(profile.id(), always).map(URI::create));
    }

    Uni<URI> token(TemplateVariables vars, TokenCall call) {
        return required(vars, call.url(), TOKEN);
    }

    /** The token endpoint for a client that authenticates by {@code auth}. */
    Uni<URI> token(TemplateVariables vars, TokenCall call, ClientAuth auth) {
        return token(vars, call).chain(url -> call.url() == null ? forAuth(vars, url, TOKEN, auth) : safe(url, auth));
    }

    /** The revocation endpoint for a client that authenticates by {@code auth}. */
    Uni<Optional<URI>> revoke(TemplateVariables vars, ClientAuth auth) {
        String name = "revocation_endpoint";
        return find(vars, profile.revoke().url(), name)
                .chain(found -> found.map(url ->
                                profile.revoke().url() == null ? forAuth(vars, url, name, auth) : safe(url, auth))
                        .map(url -> url.map(Optional::of))
                        .orElseGet(() -> Uni.createFrom().item(Optional.empty())));
    }

    /**
     * The endpoint {@code name} of the metadata for a client that authenticates by {@code auth}: {@code url}, unless the server has another
     * one for clients with a certificate (RFC 8705 section 5). An address in the profile needs none.
     */
    Uni<URI> forAuth(TemplateVariables vars, URI url, String name, ClientAuth auth) {
        return auth.isTls()
                ? metadata(vars)
                        .map(found -> found.endpoint(Discovery.alias(name))
                                .map(URI::create)
                                .orElse(url))
                        .chain(found -> safe(found, auth))
                : Uni.createFrom().item(url);
    }

    /** Only TLS has certificates. */
    private Uni<URI> safe(URI url, ClientAuth auth) {
        return Uni.createFrom().item(() -> {
            if (auth.isTls() && !"https".equalsIgnoreCase(url.getScheme())) {
                throw new ProviderException.Misconfigured(
                        profile.id(),
                        "client_certificate_needs_https",
                        "its client authenticates by a certificate, and an endpoint is http");
            }
            return url;
        });
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

    /** The method of {@code client}, else {@code auth}; {@link ClientAuth#DISCOVERED} is resolved by the metadata. */
    Uni<ClientAuth> auth(TemplateVariables vars, ClientAuth auth, ClientRegistration client) {
        ClientAuth chosen = client.authentication().method();
        if (chosen != null) {
            return Uni.createFrom().item(chosen);
        }
        if (auth != ClientAuth.DISCOVERED || profile.issuer() == null) {
            return Uni.createFrom().item(auth);
        }
        return metadata(vars).map(found -> found.requiresSecretInBody() ? ClientAuth.POST : ClientAuth.BASIC);
    }

    /**
     * A new assertion of {@code client} where {@code auth} needs one (RFC 7523 section 2.2); else empty. Fails with Misconfigured when the
     * client has nothing to sign with, or no certificate to show.
     */
    Uni<Optional<Secret>> assertion(TemplateVariables vars, ClientAuth auth, ClientRegistration client) {
        return switch (auth) {
            case PRIVATE_KEY_JWT -> byKey(vars, client).map(Optional::of);
            case CLIENT_SECRET_JWT -> bySecret(vars, client).map(Optional::of);
            case TLS_CLIENT_AUTH, SELF_SIGNED_TLS_CLIENT_AUTH ->
                Uni.createFrom().item(() -> {
                    requireCertificate(client.shown(auth));
                    return Optional.empty();
                });
            default -> Uni.createFrom().item(Optional.empty());
        };
    }

    /** A new assertion that is a grant (RFC 7523 section 2.1), for the token request to {@code url}. */
    Uni<Secret> grant(TemplateVariables vars, JwtBearer grant, ClientKey key, URI url) {
        TemplateVariables all = vars.with(Template.TOKEN_ENDPOINT, url.toString());
        Map<String, String> claims = new LinkedHashMap<>();
        grant.claims().forEach((name, value) -> all.text(value).ifPresent(text -> claims.put(name, text)));
        return assertions.granting(
                key, new GrantAssertion(claims, grant.lifetime(), grant.leeway(), grant.keyId() != KeyId.OMITTED));
    }

    private void requireCertificate(@Nullable ClientCertificate certificate) {
        if (certificate == null) {
            throw new ProviderException.Misconfigured(
                    profile.id(), "client_key_missing", "its client authenticates by a certificate and has none");
        }
        if (certificate.hasEnded(clock.instant())) {
            throw new ProviderException.Misconfigured(
                    profile.id(),
                    "client_certificate_expired",
                    "the certificate of its client ended at "
                            + certificate.details().notAfter());
        }
    }

    private Uni<Secret> byKey(TemplateVariables vars, ClientRegistration client) {
        ClientRegistration.Authentication authentication = client.authentication();
        if (authentication.assertion() != null) {
            return Uni.createFrom().item(authentication.assertion());
        }
        ClientKey key = authentication.key();
        if (key == null) {
            throw new ProviderException.Misconfigured(
                    profile.id(), "client_key_missing", "its client authenticates by private_key_jwt and has no key");
        }
        return audience(vars, client).chain(audience -> assertions.signed(key, client.clientId(), audience));
    }

    private Uni<Secret> bySecret(TemplateVariables vars, ClientRegistration client) {
        Secret secret = client.clientSecret();
        if (secret == null || secret.reveal().length() < ClientAssertions.MIN_SECRET_LENGTH) {
            throw new ProviderException.Misconfigured(
                    profile.id(),
                    "client_secret_too_short",
                    "its client authenticates by client_secret_jwt, which needs a secret of "
                            + ClientAssertions.MIN_SECRET_LENGTH + " characters at least");
        }
        return audience(vars, client).map(audience -> assertions.authenticated(secret, client.clientId(), audience));
    }

    /** The issuer identifies the server at each of its endpoints. Without one the token endpoint does. */
    private Uni<String> audience(TemplateVariables vars, ClientRegistration client) {
        Issuer issuer = profile.issuer();
        AssertionAudience chosen = client.authentication().audience();
        Optional<String> named =
                issuer == null || (chosen == null ? issuer.audience() : chosen) == AssertionAudience.TOKEN_ENDPOINT
                        ? Optional.empty()
                        : issuer(vars);
        return named.map(Uni.createFrom()::item)
                .orElseGet(() -> token(vars, profile.token()).map(URI::toString));
    }

    /** The issuer, if the profile names one. */
    Optional<String> issuer(TemplateVariables vars) {
        Issuer issuer = profile.issuer();
        return issuer == null ? Optional.empty() : vars.url(issuer.url()).map(URI::toString);
    }

    /**
     * Fetches the metadata, if the profile names an issuer, and looks for the authentication of {@code client} in it. Fails as {@link
     * Discovery#metadata} does, and with Misconfigured when the metadata does not offer that authentication.
     */
    Uni<Void> check(TemplateVariables vars, ClientRegistration client) {
        return profile.issuer() == null
                ? Uni.createFrom().voidItem()
                : metadata(vars)
                        .invoke(found -> client.authentication().requireOffered(profile.id(), found))
                        .replaceWithVoid();
    }

    /** As {@link OAuthProvider#checkDetails}. */
    Uni<Void> checkDetails(TemplateVariables vars, String details) {
        return profile.issuer() == null
                ? Uni.createFrom().voidItem()
                : metadata(vars)
                        .invoke(found -> found.requireDetails(profile.id(), types(details)))
                        .replaceWithVoid();
    }

    private static Set<String> types(String details) {
        return ReplyBody.json("{\"all\":" + details + "}").stream()
                .flatMap(body -> StreamSupport.stream(body.at("/all").spliterator(), false))
                .map(detail -> detail.path("type").asText())
                .collect(Collectors.toSet());
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
            return discovery.metadata(vars.chooser(issuer.url()), profile.id(), url.get(), issuer);
        });
    }
}
