package io.nexus.oauth.provider;

import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Identity;
import io.nexus.oauth.provider.egress.ExchangeResult;
import io.nexus.oauth.provider.egress.HttpExchange;
import io.nexus.oauth.provider.egress.RequestListener;
import io.nexus.oauth.provider.entry.ProfileTerm.IdentitySource;
import io.nexus.oauth.provider.metadata.Discovery;
import io.nexus.oauth.provider.reply.GrantMetadata;
import io.nexus.oauth.provider.reply.ReplyBody;
import io.nexus.oauth.provider.reply.ReportedAccount;
import io.nexus.oauth.provider.reply.SignedClaims;
import io.nexus.oauth.provider.reply.ValidationReply;
import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Asks for the account of an access token, and so whether the token works (OpenID Connect Core section 5.3, or the vendor's own way). */
final class IdentityEndpoint {
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);

    private final ProviderProfile profile;
    private final Endpoints endpoints;
    private final HttpExchange exchange;

    IdentityEndpoint(ProviderProfile profile, Endpoints endpoints, HttpExchange exchange) {
        this.profile = profile;
        this.endpoints = endpoints;
        this.exchange = exchange;
    }

    /** Asks the identity endpoint with the access token. */
    Uni<ValidationReply> validate(TemplateVariables vars, OAuthCredential credential) {
        return callIdentityEndpoint(vars, credential)
                .map(answer -> answer.map(found ->
                                ValidationReply.of(found, profile.response().pointer("error")))
                        .orElse(ValidationReply.UNSUPPORTED))
                .map(reply -> reply == ValidationReply.INVALID && !hasIdentityScope(credential)
                        ? ValidationReply.UNKNOWN
                        : reply);
    }

    /**
     * Whether the granted scopes allow the identity call. Some providers answer 401 to a valid token without the scope.
     */
    private boolean hasIdentityScope(OAuthCredential credential) {
        List<String> needed = profile.identity().scopes();
        List<String> granted = credential.scopes().values();
        return needed.isEmpty() || granted.isEmpty() || needed.stream().anyMatch(granted::contains);
    }

    /** The account: from the identity endpoint, or from the metadata kept of the token reply or callback. */
    Uni<Optional<ReportedAccount>> reported(TemplateVariables vars, OAuthCredential credential) {
        if (profile.identity().from() != IdentitySource.USERINFO) {
            Map<String, String> kept = credential.metadata();
            return Uni.createFrom()
                    .item(() -> GrantMetadata.account(profile, pointer -> kept.get(GrantMetadata.name(pointer))));
        }
        return callIdentityEndpoint(vars, credential)
                .chain(answer -> claims(vars, credential, answer))
                .map(found -> found.flatMap(body -> GrantMetadata.account(profile, body::text)));
    }

    private Uni<Optional<ReplyBody>> claims(
            TemplateVariables vars, OAuthCredential credential, Optional<ExchangeResult> answer) {
        if (answer.isEmpty()
                || !(answer.get() instanceof ExchangeResult.Complete complete)
                || complete.status() / 100 != 2) {
            return Uni.createFrom().item(Optional.empty());
        }
        return SignedClaims.isJwt(complete.body())
                ? verified(vars, credential, complete.body())
                : Uni.createFrom().item(ReplyBody.json(complete.body()));
    }

    /** A provider without metadata has no keys, so its signed response is not read. */
    private Uni<Optional<ReplyBody>> verified(TemplateVariables vars, OAuthCredential credential, String jwt) {
        return endpoints
                .keys(vars)
                .chain(url -> url.isEmpty()
                        ? Uni.createFrom().item(new ExchangeResult.NotSent("no_keys"))
                        : exchange.send(
                                profile.id(),
                                RequestListener.Endpoint.DISCOVERY,
                                new OutgoingRequest(Map.of(), Set.of())
                                        .withBody("GET", url.get(), null, REQUEST_TIMEOUT, Discovery.MAX_BYTES)
                                        .ownedBy(vars.owner())))
                .map(keys -> SignedClaims.verify(
                        profile.id(),
                        jwt,
                        keys instanceof ExchangeResult.Complete complete && complete.status() == 200
                                ? complete.body()
                                : "{\"keys\":[]}",
                        issuer -> endpoints.isIssuer(vars, issuer),
                        credential.clientId()));
    }

    private Uni<Optional<ExchangeResult>> callIdentityEndpoint(TemplateVariables vars, OAuthCredential credential) {
        Identity identity = profile.identity();
        if (identity.id() == null || identity.from() != IdentitySource.USERINFO) {
            return Uni.createFrom().item(Optional.empty());
        }
        return endpoints
                .userinfo(vars)
                .chain(url -> url.isEmpty()
                        ? Uni.createFrom().item(Optional.<ExchangeResult>empty())
                        : exchange.send(
                                        profile.id(),
                                        RequestListener.Endpoint.IDENTITY,
                                        identityCall(url.get(), vars, credential)
                                                .ownedBy(vars.owner()))
                                .map(Optional::of));
    }

    private HttpExchange.Call identityCall(URI url, TemplateVariables vars, OAuthCredential credential) {
        Identity identity = profile.identity();
        OutgoingRequest request = new OutgoingRequest(Map.of(), Set.of());
        @Nullable String body = identity.body();
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        identity.headers().forEach((name, value) -> vars.text(value).ifPresent(text -> request.header(name, text)));
        return request.bearer(profile.id(), identity.authScheme(), credential.accessToken())
                .withBody(identity.method(), url, body, REQUEST_TIMEOUT, TokenEndpoint.MAX_REPLY_BYTES);
    }
}
