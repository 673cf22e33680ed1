package io.nexus.oauth.connect;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.OneTimeSecrets;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.keys.TenantKeyLoader;
import io.nexus.oauth.provider.AuthorizationRequest;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.store.ConnectSessionStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The way of a browser to a provider: a caller makes a session, a person opens its one-time link, the browser is bound to it by a
 * cookie and sent off with a fresh state and PKCE verifier. What comes back is {@link ConnectCallback}'s. Nothing blocks; fails
 * with {@link ConnectException}, {@link io.nexus.oauth.provider.ProviderException} or {@link
 * io.nexus.oauth.credential.StorageException}.
 */
@ApplicationScoped
public class ConnectFlow {

    private final ConnectSessionStore sessions;
    private final ProviderCatalogue catalogue;
    private final ClientRegistrations clients;
    private final TenantKeyLoader tenants;
    private final SecretSealer sealer;
    private final OneTimeSecrets secrets;
    private final CancellationShield shield;
    private final Settings settings;

    ConnectFlow(
            ConnectSessionStore sessions,
            ProviderCatalogue catalogue,
            ClientRegistrations clients,
            TenantKeyLoader tenants,
            SecretSealer sealer,
            OneTimeSecrets secrets,
            CancellationShield shield,
            Settings settings) {
        this.sessions = sessions;
        this.catalogue = catalogue;
        this.clients = clients;
        this.tenants = tenants;
        this.sealer = sealer;
        this.secrets = secrets;
        this.shield = shield;
        this.settings = settings;
    }

    /** Makes a session. Fails when the provider is unknown, no client is registered or the return URL is not allowed. */
    public Uni<Link> begin(Wish wish) {
        catalogue.get(wish.account().provider());
        String returnUrl =
                wish.returnUrl() == null ? null : settings.returnUrls().check(wish.returnUrl());
        Secret secret = secrets.next();
        Instant now = settings.clock().instant();
        ConnectSession session = new ConnectSession(
                UUID.randomUUID(),
                wish.account(),
                wish.scopes(),
                returnUrl,
                wish.acceptOtherAccount(),
                wish.createdBy(),
                ConnectSession.Status.CREATED,
                null,
                null,
                now,
                now.plus(settings.config().lifetime()));
        return clients.get(wish.account().tenant(), wish.account().provider())
                .call(() -> tenants.toSeal(wish.account().tenant()))
                .chain(() -> shield.run(() -> sessions.add(session, secrets.digest(secret))))
                .replaceWith(new Link(session, settings.publicUrl().link(secret)));
    }

    /** The tenant's session {@code id}. */
    public Uni<Optional<ConnectSession>> find(TenantId tenant, UUID id) {
        return sessions.get(tenant, id);
    }

    /** The session {@code id} if this browser ran it. */
    public Uni<Optional<ConnectSession>> find(UUID id, Secret browser) {
        return sessions.ofBrowser(id, secrets.digest(browser));
    }

    /** What a link is for, to be shown before anything happens; fails with {@link ConnectException.InvalidLink}. */
    public Uni<ConnectSession> look(Secret link) {
        return sessions.byLink(secrets.digest(link))
                .map(found -> found.filter(this::canStart).orElseThrow(ConnectException.InvalidLink::new));
    }

    /**
     * Binds the link to the browser and says where to send it. The same browser may start again until the provider has answered;
     * its earlier state then no longer works.
     *
     * @param browser the browser's cookie, if it has one
     */
    public Uni<Departure> start(Secret link, Optional<Secret> browser) {
        return look(link)
                .call(session -> tenants.toSeal(session.account().tenant()))
                .chain(session -> clients.get(
                                session.account().tenant(), session.account().provider())
                        .chain(client -> depart(link, browser.orElseGet(secrets::next), session, client)));
    }

    /** Forgets sessions that ended long ago, a thousand at a time until none is left. */
    Uni<Void> purge() {
        return sessions.purge(settings.config().remembered())
                .chain(gone -> gone < ConnectSessionStore.PURGED_AT_ONCE
                        ? Uni.createFrom().voidItem()
                        : purge());
    }

    private boolean canStart(ConnectSession session) {
        return settings.clock().instant().isBefore(session.expiresAt())
                && (session.status() == ConnectSession.Status.CREATED
                        || session.status() == ConnectSession.Status.STARTED);
    }

    private Uni<Departure> depart(Secret link, Secret browser, ConnectSession session, ClientRegistration client) {
        OAuthProvider provider = catalogue.get(session.account().provider());
        Secret state = secrets.next();
        Secret verifier = secrets.next();
        String redirectUri = settings.publicUrl().redirectUri(client);
        Scopes scopes = session.scopes().isEmpty() ? client.scopes() : session.scopes();
        var start = new ConnectSessionStore.Start(
                secrets.digest(browser),
                secrets.digest(state),
                sealer.sealUnderMaster( // it lives for minutes
                        verifier,
                        ConnectSession.verifierPlace(session.account().tenant(), session.id(), client.vars())),
                redirectUri,
                client.vars());
        return provider.authorizationUrl(client, new AuthorizationRequest(redirectUri, scopes, state, verifier))
                .chain(url -> shield.run(() -> sessions.start(secrets.digest(link), start))
                        .map(bound -> {
                            if (!bound) {
                                throw new ConnectException.InvalidLink();
                            }
                            return new Departure(url, browser);
                        }));
    }

    /**
     * What a caller wants connected.
     *
     * @param account for which credential
     * @param scopes what to ask for, or none for the client's own
     * @param returnUrl where the browser goes afterwards, or null for the result page
     * @param acceptOtherAccount whether a reconnect may replace the grant of another account
     * @param createdBy the caller
     */
    public record Wish(
            AccountKey account,
            Scopes scopes,
            @Nullable String returnUrl,
            boolean acceptOtherAccount,
            String createdBy) {}

    /**
     * A session and the link that opens it.
     *
     * @param url a secret until it is used: it goes to the person who connects and to nobody else
     */
    public record Link(ConnectSession session, String url) {

        /** Without the URL. */
        @Override
        public String toString() {
            return "Link[session=" + session.id() + "]";
        }
    }

    /**
     * Where to send the browser.
     *
     * @param url the provider's authorization endpoint
     * @param browser the cookie to set
     */
    public record Departure(URI url, Secret browser) {

        /** Without the URL: the state is in it. */
        @Override
        public String toString() {
            return "Departure[" + url.getHost() + "]";
        }
    }

    /** What the flow is set to. */
    @ApplicationScoped
    static class Settings {
        private final ConnectConfig config;
        private final PublicUrl publicUrl;
        private final ReturnUrls returnUrls;
        private final Clock clock;

        Settings(ConnectConfig config, PublicUrl publicUrl, ReturnUrls returnUrls, Clock clock) {
            this.config = config;
            this.publicUrl = publicUrl;
            this.returnUrls = returnUrls;
            this.clock = clock;
        }

        ConnectConfig config() {
            return config;
        }

        PublicUrl publicUrl() {
            return publicUrl;
        }

        ReturnUrls returnUrls() {
            return returnUrls;
        }

        Clock clock() {
            return clock;
        }
    }
}
