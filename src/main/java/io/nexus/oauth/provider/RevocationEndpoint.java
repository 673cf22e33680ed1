package io.nexus.oauth.provider;

import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Revoke;
import io.nexus.oauth.provider.egress.ExchangeResult;
import io.nexus.oauth.provider.egress.HttpExchange;
import io.nexus.oauth.provider.egress.RequestListener;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.entry.ProfileTerm.Expected;
import io.nexus.oauth.provider.entry.ProfileTerm.RevokeStyle;
import io.nexus.oauth.provider.entry.ProfileTerm.TokenKind;
import io.nexus.oauth.provider.reply.ReplyBody;
import io.nexus.oauth.provider.reply.RevocationReply;
import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** Revokes grants (RFC 7009, or the vendor's own way). A revocation is safe to repeat. */
final class RevocationEndpoint {

    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(10);
    private static final Set<String> CLIENT_ERRORS = Set.of("invalid_client", "unauthorized_client");

    private final ProviderProfile profile;
    private final Endpoints endpoints;
    private final HttpExchange exchange;
    private final ClientSecretFallback secrets;

    RevocationEndpoint(ProviderProfile profile, Endpoints endpoints, HttpExchange exchange) {
        this.profile = profile;
        this.endpoints = endpoints;
        this.exchange = exchange;
        this.secrets = new ClientSecretFallback(profile.id());
    }

    /**
     * Revokes the grant (RFC 7009 section 2, or the vendor's own way). Empty when the token that authenticates the
     * request has expired.
     */
    Uni<Optional<RevocationReply>> revoke(
            TemplateVariables vars, ClientRegistration client, OAuthCredential credential) {
        if (profile.revoke().style() == RevokeStyle.NONE) {
            return Uni.createFrom().item(Optional.of(RevocationReply.UNSUPPORTED));
        }
        return auth(vars, client)
                .chain(auth -> endpoints
                        .revoke(vars, auth)
                        .chain(url -> url.isEmpty()
                                ? Uni.createFrom().item(Optional.of(RevocationReply.UNSUPPORTED))
                                : revoke(url.get(), auth, vars, client, credential)
                                        .map(this::toRevocation)));
    }

    /** A profile whose revocation needs no client authentication does not get any. */
    private Uni<ClientAuth> auth(TemplateVariables vars, ClientRegistration client) {
        return authenticatesClient()
                ? endpoints.auth(vars, profile.revoke().auth(), client)
                : Uni.createFrom().item(ClientAuth.NONE);
    }

    private Uni<ExchangeResult> revoke(
            URI url, ClientAuth auth, TemplateVariables vars, ClientRegistration client, OAuthCredential credential) {
        long end = System.nanoTime() + REQUEST_TIMEOUT.toNanos();
        return secrets.send(
                client,
                client.second(auth),
                this::isClientRefused,
                ExchangeResult.NotSent.class::isInstance,
                each -> endpoints
                        .assertion(vars, auth, each)
                        .chain(proof -> exchange.send(
                                profile.id(),
                                RequestListener.Endpoint.REVOKE,
                                revocation(url, vars, credential, request -> request.client(auth, each, proof), end)
                                        .ownedBy(each.ownerName())
                                        .showing(each.shown(auth)))));
    }

    private boolean isClientRefused(ExchangeResult answer) {
        return authenticatesClient()
                && switch (answer) {
                    case ExchangeResult.Complete complete ->
                        complete.status() == 401 || CLIENT_ERRORS.contains(error(complete));
                    case ExchangeResult.NotSent none -> none.isRefusedCertificate();
                    case ExchangeResult.Lost lost -> false;
                };
    }

    private String error(ExchangeResult.Complete answer) {
        return ReplyBody.parse(answer.headers().get("content-type"), answer.body())
                .map(found -> found.text(profile.response().pointer("error")))
                .orElse("");
    }

    private HttpExchange.Call revocation(
            URI url,
            TemplateVariables vars,
            OAuthCredential credential,
            Consumer<OutgoingRequest> authentication,
            long end) {
        Duration left = Duration.ofNanos(end - System.nanoTime());
        Revoke revoke = profile.revoke();
        OutgoingRequest request = new OutgoingRequest(Map.of(), Set.of());
        revoke.params().forEach((name, value) -> vars.text(value).ifPresent(text -> request.param(name, text)));
        Secret refresh = credential.refreshToken();
        boolean sendsRefresh = revoke.token() == TokenKind.REFRESH && refresh != null;
        Secret token = sendsRefresh && refresh != null ? refresh : credential.accessToken();
        if (revoke.style() == RevokeStyle.BEARER) {
            request.bearer(profile.id(), "Bearer", token);
            return request.withBody(revoke.method(), url, null, left, TokenEndpoint.MAX_REPLY_BYTES);
        }
        if (revoke.style() != RevokeStyle.UNINSTALL) {
            request.param(revoke.param(), token.reveal());
        }
        if (revoke.style() == RevokeStyle.RFC7009) {
            request.param("token_type_hint", sendsRefresh ? "refresh_token" : "access_token");
        }
        if (revoke.auth() != ClientAuth.NONE) {
            authentication.accept(request);
        }
        return request.call(revoke.method(), url, revoke.body(), left, TokenEndpoint.MAX_REPLY_BYTES);
    }

    private Optional<RevocationReply> toRevocation(ExchangeResult answer) {
        if (!(answer instanceof ExchangeResult.Complete complete)) {
            return Optional.of(RevocationReply.UNKNOWN);
        }
        Optional<ReplyBody> body = ReplyBody.parse(complete.headers().get("content-type"), complete.body());
        String error = error(complete);
        if (profile.revoke().style() == RevokeStyle.BEARER && isTokenExpired(complete.status(), error)) {
            return Optional.empty();
        }
        return Optional.of(verdict(complete.status(), body, error));
    }

    /** The token to revoke also authenticates the request, and it has expired. */
    private static boolean isTokenExpired(int status, String error) {
        return status == 401 || error.equals("token_expired");
    }

    private RevocationReply verdict(int status, Optional<ReplyBody> body, String error) {
        return switch (status) {
            case 200, 201, 202, 204 -> successVerdict(body, error);
            // RFC 7009 section 2.2 answers 200 for an unknown token, so 404 means that the URL is wrong
            case 404 ->
                profile.revoke().style() == RevokeStyle.RFC7009 ? RevocationReply.REFUSED : RevocationReply.REVOKED;
            case 400 ->
                Set.of("invalid_token", "token_revoked").contains(error)
                        ? RevocationReply.REVOKED
                        : refused(error, RevocationReply.REFUSED);
            // client authentication failed: the client secret is wrong, and the grant still exists
            case 401 -> refused(error, authenticatesClient() ? RevocationReply.UNKNOWN : RevocationReply.REFUSED);
            case 403, 405, 410, 422 -> refused(error, RevocationReply.REFUSED);
            default -> RevocationReply.UNKNOWN;
        };
    }

    /** A wrong client secret and a rate limit pass, so the revocation is tried again. */
    private RevocationReply refused(String error, RevocationReply otherwise) {
        return CLIENT_ERRORS.contains(error) || isRateLimit(error) ? RevocationReply.UNKNOWN : otherwise;
    }

    private boolean isRateLimit(String error) {
        return RevocationReply.isRateLimit(error, profile.errors());
    }

    private boolean authenticatesClient() {
        return profile.revoke().style() != RevokeStyle.BEARER
                && profile.revoke().auth() != ClientAuth.NONE;
    }

    /**
     * The verdict for a 2xx status. Some vendors answer {@code "ok": false} with status 200 when the request failed.
     */
    private RevocationReply successVerdict(Optional<ReplyBody> body, String error) {
        Expected ok = profile.response().ok();
        boolean fine = ok == null || body.isEmpty() || ok.is().equals(body.get().text(ok.at()));
        if (fine) {
            return RevocationReply.REVOKED;
        }
        return switch (error) {
            case "token_revoked", "invalid_auth", "account_inactive" -> RevocationReply.REVOKED;
            case "internal_error", "fatal_error" -> RevocationReply.UNKNOWN;
            default -> isRateLimit(error) ? RevocationReply.UNKNOWN : RevocationReply.REFUSED;
        };
    }
}
