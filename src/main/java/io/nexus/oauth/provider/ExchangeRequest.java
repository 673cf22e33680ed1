package io.nexus.oauth.provider;

import io.nexus.oauth.provider.OAuthProvider.TokenExchange;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.entry.ExchangeCall;
import io.nexus.oauth.provider.reply.TokenReply;
import io.smallrye.mutiny.Uni;
import java.util.Objects;

/**
 * Asks for a token of an API with the token of a user, as the section {@code token_exchange} of the profile describes. It spends nothing.
 * A client that cannot prove who it is sends nothing.
 */
final class ExchangeRequest {

    private final ProviderProfile profile;
    private final TokenEndpoint tokens;

    ExchangeRequest(ProviderProfile profile, TokenEndpoint tokens) {
        this.profile = profile;
        this.tokens = tokens;
    }

    Uni<TokenReply> request(TemplateVariables vars, ClientRegistration client, TokenExchange wanted) {
        ExchangeCall own = profile.tokenExchange();
        if (own == null) {
            return Uni.createFrom().item(new TokenReply.Misconfigured("unsupported_grant_type", false));
        }
        OutgoingRequest request = TokenEndpoint.request(own.call(), vars)
                .standard("grant_type", own.call().grant());
        switch (own.style()) {
            case RFC8693 -> subject(request, own, wanted);
            case ON_BEHALF_OF ->
                request.standard("assertion", wanted.subjectToken().reveal())
                        .standard("requested_token_use", "on_behalf_of");
            case ID_JAG -> request.standard("assertion", wanted.subjectToken().reveal());
        }
        if (own.sendScope() && !wanted.scopes().isEmpty()) {
            request.standard("scope", wanted.scopes().join(profile.authorize().scopeSeparator()));
        }
        if (wanted.audience() != null) {
            request.standard("audience", wanted.audience());
        }
        request.standard("resource", wanted.resources());
        return tokens.sendRepeatable(own.call(), request, vars, client).map(TokenReply::ofAccessToken);
    }

    /** RFC 8693 section 2.1. */
    private static void subject(OutgoingRequest request, ExchangeCall own, TokenExchange wanted) {
        request.standard("subject_token", wanted.subjectToken().reveal())
                .standard(
                        "subject_token_type",
                        Objects.requireNonNullElse(own.subjectTokenType(), wanted.subjectTokenType()))
                .standard(
                        "requested_token_type",
                        Objects.requireNonNullElse(wanted.requestedTokenType(), own.requestedTokenType()));
    }
}
