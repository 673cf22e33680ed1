package io.nexus.oauth.token;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.reply.ValidationReply;
import io.nexus.oauth.store.CredentialStore;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.nexus.oauth.token.grant.GrantSealer;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;

/** Tests a credential: gets a valid token and asks the provider whether it accepts that token. */
@ApplicationScoped
public class CredentialCheck {

    private final TokenSource tokens;
    private final CredentialStore credentials;
    private final ProviderCatalogue catalogue;
    private final ClientRegistrations clients;
    private final GrantSealer sealer;

    CredentialCheck(
            TokenSource tokens,
            CredentialStore credentials,
            ProviderCatalogue catalogue,
            ClientRegistrations clients,
            GrantSealer sealer) {
        this.tokens = tokens;
        this.credentials = credentials;
        this.catalogue = catalogue;
        this.clients = clients;
        this.sealer = sealer;
    }

    /** Tests the credential. Non-blocking; fails as {@link TokenManager#getValidToken} does. */
    public Uni<Result> test(CredentialKey key) {
        return tokens.of(key, TokenQuery.DEFAULT).chain(token -> {
            OAuthProvider provider = catalogue.get(token.account().provider());
            return credentials
                    .find(key)
                    .chain(found -> sealer.ensureOpenable(found.orElseThrow(CredentialException.NotFound::new)))
                    .map(sealer::open)
                    .chain(grant -> ask(key, provider, grant))
                    .map(reply -> new Result(token, reply));
        });
    }

    private Uni<ValidationReply> ask(CredentialKey key, OAuthProvider provider, OAuthCredential grant) {
        TokenRequest request = grant.request();
        if (request != null && request.oidcClient() != null) { // its server need not be that of the profile
            return Uni.createFrom().item(ValidationReply.UNSUPPORTED);
        }
        return clients.get(key.tenant(), provider.id()).chain(client -> provider.validateToken(client, grant));
    }

    /** The tested token and the provider's reply. */
    public record Result(AccessToken token, ValidationReply atProvider) {

        /** Whether the provider did not reject the token. */
        public boolean works() {
            return atProvider != ValidationReply.INVALID;
        }
    }
}
