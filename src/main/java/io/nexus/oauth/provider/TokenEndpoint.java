package io.nexus.oauth.provider;

import io.nexus.oauth.credential.GrantRequest;
import io.nexus.oauth.credential.GrantType;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.OAuthProvider.CodeExchange;
import io.nexus.oauth.provider.OAuthProvider.TokenExchange;
import io.nexus.oauth.provider.assertion.ClientCertificate;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.egress.HttpExchange;
import io.nexus.oauth.provider.egress.RequestListener;
import io.nexus.oauth.provider.entry.ClientCredentials;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.entry.ProfileTerm.Pkce;
import io.nexus.oauth.provider.entry.TokenCall;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.RemarkLog;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.provider.reply.TokenReplyReader;
import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The token endpoint of one provider (RFC 6749 section 3.2). Only this class spends authorization codes and refresh
 * tokens, and asks for tokens of machine connections, with {@link BearerRequest}, and of users, with {@link ExchangeRequest}. Spending is not idempotent, so each request is sent once.
 * It is repeated only with the second client secret or key, after client authentication failed. Building the request, sending it and reading the response ({@link
 * TokenReplyReader}) are separate.
 */
final class TokenEndpoint {

    /** The largest token response that is read. ID tokens with the groups of an account take tens of kilobytes. */
    static final int MAX_REPLY_BYTES = 256 * 1024;

    /** The code of a machine connection whose client does not authenticate itself (RFC 6749 section 4.4). */
    private static final String PUBLIC_CLIENT = "public_client";

    private final ProviderProfile profile;
    private final Endpoints endpoints;
    private final HttpExchange exchange;
    private final InstantSource clock;
    private final Duration total;
    private final ClientSecretFallback secrets;
    private final RemarkLog remarks;
    private final BearerRequest bearer;
    private final ExchangeRequest subjects;

    TokenEndpoint(
            ProviderProfile profile, Endpoints endpoints, HttpExchange exchange, InstantSource clock, Duration total) {
        this.profile = profile;
        this.endpoints = endpoints;
        this.exchange = exchange;
        this.clock = clock;
        this.total = total;
        this.secrets = new ClientSecretFallback(profile.id());
        this.remarks = new RemarkLog(profile.id(), clock);
        this.bearer = new BearerRequest(profile, endpoints, this, secrets, total);
        this.subjects = new ExchangeRequest(profile, this);
    }

    /** Exchanges a code for tokens. A code works once, so it counts as spent whatever the provider's rotation is. */
    Uni<TokenReply> exchange(TemplateVariables vars, ClientRegistration client, CodeExchange exchange) {
        long started = System.nanoTime();
        TokenCall call = profile.token();
        OutgoingRequest request = request(call, vars)
                .standard("grant_type", call.grant())
                .standard("code", exchange.code().reveal())
                .standard("redirect_uri", exchange.redirectUri());
        beside(request, exchange.wanted());
        if (profile.authorize().pkce() != Pkce.OFF) {
            request.standard("code_verifier", exchange.codeVerifier().reveal());
        }
        return send(new Submission(call, request, true, true, false, total), vars, client)
                .chain(reply -> reply instanceof TokenReply.Granted granted
                        ? upgraded(granted, vars, client, left(total, started))
                        : Uni.createFrom().item(reply));
    }

    /** Trades the token of a code for one that lives longer, where the profile says how. Without that one there is no grant. */
    private Uni<TokenReply> upgraded(
            TokenReply.Granted first, TemplateVariables vars, ClientRegistration client, Duration left) {
        TokenCall call = profile.upgrade();
        Secret token = first.response().accessToken();
        if (call == null || token == null) {
            return Uni.createFrom().item(first);
        }
        OutgoingRequest request =
                request(call, vars).standard("grant_type", call.grant()).standard("access_token", token.reveal());
        return send(new Submission(call, request, false, true, false, left), vars, client)
                .map(reply -> reply instanceof TokenReply.Granted second
                        ? new TokenReply.Granted(
                                second.response().withMetadata(first.response().metadata()), second.remarks())
                        : reply);
    }

    /** RFC 8707 section 2.2, RFC 9396 section 6. */
    private static void beside(OutgoingRequest request, GrantRequest wanted) {
        request.standard("resource", wanted.resources());
        if (wanted.authorizationDetails() != null) {
            request.standard("authorization_details", wanted.authorizationDetails());
        }
    }

    /** Spends {@code token}, the refresh token of {@code credential}. */
    Uni<TokenReply> refresh(
            TemplateVariables vars, ClientRegistration client, OAuthCredential credential, Secret token) {
        TokenCall call = profile.refresh().call();
        OutgoingRequest request =
                request(call, vars).standard("grant_type", call.grant()).standard("refresh_token", token.reveal());
        Scopes scopes =
                client.requested(credential.scopes().isEmpty() ? client.scopes() : credential.scopes(), profile);
        if (profile.refresh().sendScope() && !scopes.isEmpty()) {
            request.standard("scope", scopes.join(profile.authorize().scopeSeparator()));
        }
        request.standard("resource", GrantRequest.of(credential.metadata()).resources());
        return send(new Submission(call, request, profile.refresh().isRotating(), false, false, total), vars, client);
    }

    /** Asks for a token without a person. Spends nothing. A client that cannot prove who it is sends nothing. */
    Uni<TokenReply> request(TemplateVariables vars, ClientRegistration client, TokenRequest wanted) {
        return (wanted.grantType() == GrantType.JWT_BEARER
                        ? bearer.request(vars, client, wanted)
                        : clientCredentials(vars, client, wanted))
                .map(TokenReply::ofMachine);
    }

    /** RFC 6749 section 4.4.2. */
    private Uni<TokenReply> clientCredentials(TemplateVariables vars, ClientRegistration client, TokenRequest wanted) {
        ClientCredentials own = profile.clientCredentials();
        OutgoingRequest request =
                request(own.call(), vars).standard("grant_type", own.call().grant());
        if (own.sendScope() && !wanted.scopes().isEmpty()) {
            request.standard("scope", wanted.scopes().join(profile.authorize().scopeSeparator()));
        }
        if (wanted.audience() != null) {
            request.standard("audience", wanted.audience());
        }
        request.standard("resource", wanted.resources());
        return sendRepeatable(own.call(), request, vars, client);
    }

    /** Sends a request of a confidential client that spends nothing. */
    Uni<TokenReply> sendRepeatable(
            TokenCall call, OutgoingRequest request, TemplateVariables vars, ClientRegistration client) {
        return send(new Submission(call, request, false, false, true, total), vars, client);
    }

    /** Exchanges the token of a user. Spends nothing. */
    Uni<TokenReply> exchange(TemplateVariables vars, ClientRegistration client, TokenExchange wanted) {
        return subjects.request(vars, client, wanted);
    }

    static OutgoingRequest request(TokenCall call, TemplateVariables vars) {
        OutgoingRequest request = new OutgoingRequest(call.paramNames(), call.omit());
        call.headers().forEach((name, value) -> vars.text(value).ifPresent(text -> request.header(name, text)));
        call.params().forEach((name, value) -> vars.text(value).ifPresent(text -> request.param(name, text)));
        return request;
    }

    private Uni<TokenReply> send(Submission submission, TemplateVariables vars, ClientRegistration client) {
        long started = System.nanoTime();
        return endpoints
                .auth(vars, submission.call().auth(), client)
                .chain(auth -> endpoints
                        .token(vars, submission.call(), auth)
                        .chain(url -> submission.confidential() && !authenticates(auth, client)
                                ? Uni.createFrom().item(new TokenReply.Misconfigured(PUBLIC_CLIENT, false))
                                : secrets.send(
                                        client,
                                        client.second(auth),
                                        TokenEndpoint::isClientRefused,
                                        TokenReplyReader::isUnsent,
                                        each -> endpoints
                                                .assertion(vars, auth, each)
                                                .chain(proof -> send(
                                                        submission.within(left(submission.left(), started)),
                                                        url,
                                                        auth,
                                                        each,
                                                        proof)))))
                .onFailure(ProviderException.Unavailable.class)
                .recoverWithItem(TokenEndpoint::deferred);
    }

    /** Client authentication failed, so the provider did not spend the code or refresh token. */
    static boolean isClientRefused(TokenReply reply) {
        return reply instanceof TokenReply.Misconfigured wrong
                && (wrong.client() || wrong.code().equals("unauthorized_client"));
    }

    /** The time left until the deadline. The request is not sent when none is left. */
    private static Duration left(Duration all, long started) {
        return all.minusNanos(System.nanoTime() - started);
    }

    private Uni<TokenReply> send(
            Submission submission, URI url, ClientAuth auth, ClientRegistration client, Optional<Secret> assertion) {
        submission.request().client(auth, client, assertion);
        return send(submission, new Sender(client.ownerName(), client.shown(auth), authenticates(auth, client)), url);
    }

    /**
     * The sender of a request.
     *
     * @param owner the tenant that registered the client, or null
     * @param certificate the certificate that the client shows, or null
     * @param authenticated whether the request proves who the client is
     */
    record Sender(@Nullable String owner, @Nullable ClientCertificate certificate, boolean authenticated) {}

    /** Sends a finished request. */
    Uni<TokenReply> send(Submission submission, Sender sender, URI url) {
        TokenCall call = submission.call();
        HttpExchange.Call http = submission
                .request()
                .call(call.method(), url, call.body(), submission.left(), MAX_REPLY_BYTES)
                .ownedBy(sender.owner())
                .showing(sender.certificate());
        Instant sent = clock.instant();
        return exchange.send(profile.id(), RequestListener.Endpoint.TOKEN, http)
                .map(new TokenReplyReader(
                        profile, sent, submission.spends(), submission.consent(), sender.authenticated())::read)
                .invoke(remarks::add);
    }

    /** A public client has nothing to authenticate with (RFC 6749 section 2.1), so a 401 does not refuse its secret or key. */
    static boolean authenticates(ClientAuth auth, ClientRegistration client) {
        return auth.isAssertion() || auth.isByKey() || (client.clientSecret() != null && auth != ClientAuth.NONE);
    }

    /** Without metadata nothing was sent, which is a definite result. */
    static TokenReply deferred(Throwable failure) {
        ProviderException.Unavailable unavailable = (ProviderException.Unavailable) failure;
        return new TokenReply.Deferred(unavailable.code(), Optional.of(unavailable.retryAfter()), true);
    }

    record Submission(
            TokenCall call,
            OutgoingRequest request,
            boolean spends,
            boolean consent,
            boolean confidential,
            Duration left) {
        Submission within(Duration rest) {
            return new Submission(call, request, spends, consent, confidential, rest);
        }
    }
}
