package io.nexus.oauth.connect;

import io.nexus.oauth.connect.ConnectFlow.Redirect;
import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.crypto.OneTimeSecrets;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.keys.TenantKeyLoader;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.OAuthProvider.AuthorizationRequest;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.ReportedAccount;
import io.nexus.oauth.store.ConnectSessionStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.TokenManager;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Optional;
import java.util.function.Function;
import org.jboss.logging.Logger;

/** Sends a browser to the provider with a new state and PKCE verifier, bound to its cookie. Non-blocking. */
@ApplicationScoped
class Departures {

    private static final Logger LOG = Logger.getLogger(Departures.class);

    private final ProviderCatalogue catalogue;
    private final ClientRegistrations clients;
    private final TokenManager tokens;
    private final TenantKeyLoader tenants;
    private final SecretSealer sealer;
    private final OneTimeSecrets secrets;
    private final CancellationShield shield;
    private final PublicUrl publicUrl;

    Departures(
            ProviderCatalogue catalogue,
            ClientRegistrations clients,
            TokenManager tokens,
            TenantKeyLoader tenants,
            SecretSealer sealer,
            OneTimeSecrets secrets,
            CancellationShield shield,
            PublicUrl publicUrl) {
        this.catalogue = catalogue;
        this.clients = clients;
        this.tokens = tokens;
        this.tenants = tenants;
        this.sealer = sealer;
        this.secrets = secrets;
        this.shield = shield;
        this.publicUrl = publicUrl;
    }

    /**
     * Requests an authorization for {@code session}. Fails with {@link ConnectException.InvalidLink} when {@code bind} refuses.
     *
     * @param browser the secret of the browser's cookie
     * @param bind binds the session to the browser and to a new state
     */
    Uni<Redirect> depart(
            ConnectSession session, Secret browser, Function<ConnectSessionStore.Start, Uni<Boolean>> bind) {
        return tenants.ensureSealable(session.account().tenant())
                .chain(() -> clients.get(
                        session.account().tenant(), session.account().provider()))
                .chain(client -> redirect(session, client, browser, bind))
                .onFailure(ProviderException.class)
                .invoke(e -> LOG.warnf(
                        "Tenant %s: connect session %s cannot begin at provider %s: %s",
                        session.account().tenant().value(),
                        session.id(),
                        session.account().provider(),
                        e.code()));
    }

    private Uni<Redirect> redirect(
            ConnectSession session,
            ClientRegistration client,
            Secret browser,
            Function<ConnectSessionStore.Start, Uni<Boolean>> bind) {
        OAuthProvider provider = catalogue.get(session.account().provider());
        Secret state = secrets.next();
        Secret verifier = secrets.next();
        String redirectUri = publicUrl.redirectUri(client);
        Scopes scopes = session.scopes().isEmpty() ? client.scopes() : session.scopes();
        var start = new ConnectSessionStore.Start(
                secrets.digest(browser),
                secrets.digest(state),
                sealer.sealUnderMaster( // the verifier is needed for minutes only
                        verifier,
                        ConnectSession.verifierPlace(session.account().tenant(), session.id(), client.vars())),
                redirectUri,
                client.vars());
        return loginHint(session, client)
                .chain(hint -> provider.authorizationUrl(
                        client,
                        new AuthorizationRequest(
                                redirectUri, scopes, hint.orElse(null), session.wanted(), state, verifier)))
                .chain(url -> shield.run(() -> bind.apply(start)).map(bound -> {
                    if (!bound) {
                        throw new ConnectException.InvalidLink(ConnectException.InvalidLink.Reason.USED);
                    }
                    return new Redirect(url, browser);
                }));
    }

    /**
     * The address of the account that the user should choose: the expected one, or the one that is connected already at the same
     * server. A stable id, and the name of a person, are nothing to sign in with.
     */
    private Uni<Optional<String>> loginHint(ConnectSession session, ClientRegistration client) {
        if (session.expectedAccount() != null) {
            return Uni.createFrom().item(Optional.of(session.expectedAccount()).filter(ReportedAccount::isAddress));
        }
        return session.acceptOtherAccount()
                ? Uni.createFrom().item(Optional.empty())
                : tokens.findCredential(session.account())
                        .map(found -> found.filter(
                                        credential -> credential.clientVars().equals(client.vars()))
                                .map(StoredCredential::identity)
                                .map(AccountIdentity::label)
                                .filter(ReportedAccount::isAddress));
    }
}
