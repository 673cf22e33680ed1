package io.nexus.oauth.provider;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.TokenEndpoint.Sender;
import io.nexus.oauth.provider.TokenEndpoint.Submission;
import io.nexus.oauth.provider.assertion.ClientCertificate;
import io.nexus.oauth.provider.assertion.ClientKey;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.entry.JwtBearer;
import io.nexus.oauth.provider.entry.ProfileTerm.AssertionStyle;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.entry.Template;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.TokenReply;
import io.nexus.oauth.provider.reply.TokenReplyReader;
import io.smallrye.mutiny.Uni;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Asks for a token with an assertion that a key of the client signs (RFC 7523 section 2.1), as the section {@code jwt_bearer} of the
 * profile describes. It spends nothing: each request has a new assertion. The second key signs when the provider refuses the first.
 */
final class BearerRequest {

    private final ProviderProfile profile;
    private final Endpoints endpoints;
    private final TokenEndpoint tokens;
    private final ClientSecretFallback secrets;
    private final Duration total;

    BearerRequest(
            ProviderProfile profile,
            Endpoints endpoints,
            TokenEndpoint tokens,
            ClientSecretFallback secrets,
            Duration total) {
        this.profile = profile;
        this.endpoints = endpoints;
        this.tokens = tokens;
        this.secrets = secrets;
        this.total = total;
    }

    /** Sends nothing without a key, a grant of the provider, or a subject that it takes. */
    Uni<TokenReply> request(TemplateVariables vars, ClientRegistration client, TokenRequest wanted) {
        JwtBearer grant = profile.jwtBearer();
        String fault = fault(grant, client.authentication().key(), wanted.subject());
        if (grant == null || fault != null) {
            return Uni.createFrom().item(new TokenReply.Misconfigured(String.valueOf(fault), false));
        }
        String scope = wanted.scopes().isEmpty()
                ? null
                : wanted.scopes().join(profile.authorize().scopeSeparator());
        TemplateVariables own = vars.with(Template.SUBJECT, wanted.subject()).with(Template.SCOPE, scope);
        long end = System.nanoTime() + total.toNanos();
        return place(own, grant, client)
                .chain(url -> second(own, grant, client)
                        .chain(second -> secrets.send(
                                client,
                                second,
                                BearerRequest::isRefused,
                                TokenReplyReader::isUnsent,
                                each -> ask(new Attempt(grant, own, each, wanted, url, end)))))
                .onFailure(ProviderException.Unavailable.class)
                .recoverWithItem(TokenEndpoint::deferred);
    }

    /** The token endpoint, as a client reaches it that authenticates itself beside the assertion or does not. */
    private Uni<URI> place(TemplateVariables vars, JwtBearer grant, ClientRegistration client) {
        return grant.call().auth() == ClientAuth.NONE
                ? endpoints.token(vars, grant.call())
                : endpoints
                        .auth(vars, grant.call().auth(), client)
                        .chain(auth -> endpoints.token(vars, grant.call(), auth));
    }

    /** The client with its second key, else with the second secret that also goes with the assertion; empty when there is none. */
    private Uni<Optional<ClientRegistration>> second(
            TemplateVariables vars, JwtBearer grant, ClientRegistration client) {
        Optional<ClientRegistration> byKey = client.withSecondKey();
        return byKey.isPresent() || grant.call().auth() == ClientAuth.NONE
                ? Uni.createFrom().item(byKey)
                : endpoints.auth(vars, grant.call().auth(), client).map(client::second);
    }

    private static @Nullable String fault(
            @Nullable JwtBearer grant, @Nullable ClientKey key, @Nullable String subject) {
        if (grant == null) {
            return "unsupported_grant_type";
        }
        if (key == null) {
            return "client_key_missing";
        }
        if (!grant.algorithms().contains(key.algorithm().name())) {
            return "client_key_invalid";
        }
        return grant.subject().fault(subject).isEmpty() ? null : "bad_variable";
    }

    /** RFC 7523 section 3.1: a wrong assertion is {@code invalid_grant}; vendors have more words for it. */
    private static boolean isRefused(TokenReply reply) {
        return reply instanceof TokenReply.Misconfigured
                || reply instanceof TokenReply.Rejected
                || reply instanceof TokenReply.Refused;
    }

    private record Attempt(
            JwtBearer grant,
            TemplateVariables vars,
            ClientRegistration client,
            TokenRequest wanted,
            URI url,
            long end) {}

    private Uni<TokenReply> ask(Attempt attempt) {
        ClientKey key = attempt.client().authentication().key();
        if (key == null) {
            throw new IllegalStateException("a client without a key asks for nothing");
        }
        return endpoints
                .grant(attempt.vars(), attempt.grant(), key, attempt.url())
                .chain(assertion -> attempt.grant().style() == AssertionStyle.BEARER
                        ? send(attempt, parameters(attempt).bearer(profile.id(), "Bearer", assertion), null, true)
                        : authenticated(attempt, granting(attempt, assertion)));
    }

    private static OutgoingRequest parameters(Attempt attempt) {
        return TokenEndpoint.request(attempt.grant().call(), attempt.vars());
    }

    private static OutgoingRequest granting(Attempt attempt, Secret assertion) {
        TokenRequest wanted = attempt.wanted();
        OutgoingRequest request = parameters(attempt)
                .standard("grant_type", attempt.grant().call().grant())
                .standard("assertion", assertion.reveal());
        if (attempt.grant().sendScope()) {
            attempt.vars().text("${" + Template.SCOPE + "}").ifPresent(scope -> request.standard("scope", scope));
        }
        if (wanted.audience() != null) {
            request.standard("audience", wanted.audience());
        }
        return request.standard("resource", wanted.resources());
    }

    /** Adds the client authentication where the profile wants it (RFC 7521 section 4.1). */
    private Uni<TokenReply> authenticated(Attempt attempt, OutgoingRequest request) {
        ClientAuth wanted = attempt.grant().call().auth();
        if (wanted == ClientAuth.NONE) {
            return send(attempt, request, null, false);
        }
        return endpoints
                .auth(attempt.vars(), wanted, attempt.client())
                .chain(auth -> endpoints
                        .assertion(attempt.vars(), auth, attempt.client())
                        .chain(proof -> send(
                                attempt,
                                request.client(auth, attempt.client(), proof),
                                attempt.client().shown(auth),
                                TokenEndpoint.authenticates(auth, attempt.client()))));
    }

    private Uni<TokenReply> send(
            Attempt attempt, OutgoingRequest request, @Nullable ClientCertificate shown, boolean authenticates) {
        Duration left = Duration.ofNanos(attempt.end() - System.nanoTime());
        return tokens.send(
                        new Submission(attempt.grant().call(), request, false, false, true, left),
                        new Sender(attempt.client().ownerName(), shown, authenticates),
                        attempt.url())
                .map(reply -> authenticates ? reply : ofGrantOnly(reply));
    }

    /** A refused client that did not authenticate itself says nothing about its other requests, which do. */
    private static TokenReply ofGrantOnly(TokenReply reply) {
        return reply instanceof TokenReply.Misconfigured wrong && wrong.client()
                ? new TokenReply.Misconfigured(wrong.code(), false)
                : reply;
    }
}
