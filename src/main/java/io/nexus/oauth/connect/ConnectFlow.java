package io.nexus.oauth.connect;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.GrantRequest;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.crypto.OneTimeSecrets;
import io.nexus.oauth.keys.TenantKeyLoader;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.store.ConnectSessionStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.token.client.ClientRegistrations;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Sends a user's browser to a provider. A caller creates a session, and the user opens its one-time link. A cookie binds the
 * browser to the session, and the service redirects the browser with a new state and PKCE verifier. {@link ConnectCallback}
 * handles the way back. Non-blocking; fails with {@link ConnectException}, {@link io.nexus.oauth.provider.reply.ProviderException}
 * or {@link io.nexus.oauth.credential.StorageException}.
 */
@ApplicationScoped
public class ConnectFlow {

    /** After the service took the state: twice as long as a process tries to store its grant and then its result, and a reserve. */
    private static final Duration INTERRUPTED_AFTER =
            NewGrants.LIMIT.multipliedBy(2).plusMinutes(5);

    private final ConnectSessionStore sessions;
    private final ProviderCatalogue catalogue;
    private final ClientRegistrations clients;
    private final TenantKeyLoader tenants;
    private final Departures departures;
    private final OneTimeSecrets secrets;
    private final CancellationShield shield;
    private final ConnectSettings settings;

    ConnectFlow(
            ConnectSessionStore sessions,
            ProviderCatalogue catalogue,
            ClientRegistrations clients,
            TenantKeyLoader tenants,
            Departures departures,
            OneTimeSecrets secrets,
            CancellationShield shield,
            ConnectSettings settings) {
        this.sessions = sessions;
        this.catalogue = catalogue;
        this.clients = clients;
        this.tenants = tenants;
        this.departures = departures;
        this.secrets = secrets;
        this.shield = shield;
        this.settings = settings;
    }

    /** Creates a session. Fails when the provider is unknown, no client is registered, or the return URL or the origin is not allowed. */
    public Uni<Link> begin(Request request) {
        catalogue.get(request.account().provider());
        String returnUrl = returnUrl(request);
        Secret secret = secrets.next();
        Instant now = settings.clock().instant();
        ConnectSession session = new ConnectSession(
                UUID.randomUUID(),
                request.account(),
                request.scopes(),
                returnUrl,
                request.origin() == null ? null : settings.returnUrls().checkOrigin(request.origin()),
                request.acceptOtherAccount(),
                request.expectedAccount(),
                request.wanted(),
                request.createdBy(),
                ConnectSession.Status.CREATED,
                null,
                null,
                now,
                now.plus(request.lifetime().orElse(settings.config().lifetime())));
        return clients.get(request.account().tenant(), request.account().provider())
                .call(client -> mustBeOffered(client, request.wanted()))
                .call(() -> tenants.ensureSealable(request.account().tenant()))
                .chain(() -> shield.run(() -> sessions.add(session, secrets.digest(secret))))
                .replaceWith(new Link(session, settings.publicUrl().link(secret)));
    }

    /** While the metadata cannot be fetched, the provider itself refuses what it does not know. */
    private Uni<Void> mustBeOffered(ClientRegistration client, GrantRequest wanted) {
        String details = wanted.authorizationDetails();
        return details == null
                ? Uni.createFrom().voidItem()
                : catalogue
                        .get(client.provider())
                        .checkDetails(client, details)
                        .onFailure(ProviderException.Unavailable.class)
                        .recoverWithNull();
    }

    /** The page of a person's connections is a page of this service, so no setting has to allow it. */
    private @Nullable String returnUrl(Request request) {
        String url = request.returnUrl();
        return url == null || url.equals(settings.publicUrl().accounts())
                ? url
                : settings.returnUrls().check(url);
    }

    /** The session {@code id} if it belongs to this browser. */
    public Uni<Optional<ConnectSession>> find(UUID id, Secret browser) {
        return sessions.ofBrowser(id, secrets.digest(browser));
    }

    /**
     * Finds the request of a link for the page before the redirect; fails with {@link ConnectException.InvalidLink}. Changes
     * nothing.
     */
    public Uni<Preview> preview(Secret link) {
        return usable(link)
                .chain(session -> client(session).map(client -> {
                    OAuthProvider provider = catalogue.get(client.provider());
                    Scopes scopes = session.scopes().isEmpty() ? client.scopes() : session.scopes();
                    return new Preview(session, provider.profile(), client.requested(scopes, provider.profile()));
                }));
    }

    private Uni<ConnectSession> usable(Secret link) {
        return sessions.byLink(secrets.digest(link))
                .invoke(found -> unusable(found).ifPresent(reason -> {
                    throw new ConnectException.InvalidLink(reason);
                }))
                .map(Optional::orElseThrow);
    }

    private Uni<ClientRegistration> client(ConnectSession session) {
        return clients.get(session.account().tenant(), session.account().provider());
    }

    /**
     * Binds the link to the browser and returns the redirect to the provider. The same browser may start again until the
     * provider has responded; its earlier state is then invalid.
     *
     * @param browser the browser's cookie, if it has one
     */
    public Uni<Redirect> start(Secret link, Optional<Secret> browser) {
        return usable(link)
                .chain(session -> departures.depart(
                        session,
                        browser.orElseGet(secrets::next),
                        start -> sessions.start(secrets.digest(link), start)));
    }

    /** Whether the browser of {@code session} may open it again: its person ended it by a choice, and its link is still valid. */
    public boolean canStartAgain(ConnectSession session) {
        return session.status() == ConnectSession.Status.FAILED
                && (ConnectSession.DENIED.equals(session.error())
                        || ConnectSession.UNEXPECTED_ACCOUNT.equals(session.error()))
                && settings.clock().instant().isBefore(session.expiresAt());
    }

    /**
     * As {@link #start}, for the browser whose person refused at the provider, or chose an unexpected account. Fails with {@link
     * ConnectException.InvalidLink} when the session is another browser's, or cannot be opened again.
     */
    public Uni<Redirect> startAgain(UUID session, Secret browser) {
        return find(session, browser)
                .map(found -> found.filter(this::canStartAgain)
                        .orElseThrow(() -> new ConnectException.InvalidLink(ConnectException.InvalidLink.Reason.USED)))
                .chain(refused -> departures.depart(refused, browser, start -> sessions.startAgain(session, start)));
    }

    /** Ends sessions whose process was stopped, or gave up, before it could record a result. */
    Uni<Void> endInterrupted() {
        return sessions.endInterrupted(INTERRUPTED_AFTER).replaceWithVoid();
    }

    /** Deletes sessions that ended long ago, a thousand at a time until none is left. */
    Uni<Void> purge() {
        return sessions.purge(settings.config().remembered())
                .chain(gone -> gone < ConnectSessionStore.PURGE_BATCH
                        ? Uni.createFrom().voidItem()
                        : purge());
    }

    private Optional<ConnectException.InvalidLink.Reason> unusable(Optional<ConnectSession> found) {
        if (found.isEmpty()) {
            return Optional.of(ConnectException.InvalidLink.Reason.UNKNOWN);
        }
        ConnectSession.Status status = found.get().status();
        if (status != ConnectSession.Status.CREATED && status != ConnectSession.Status.STARTED) {
            return Optional.of(ConnectException.InvalidLink.Reason.USED);
        }
        return settings.clock().instant().isBefore(found.get().expiresAt())
                ? Optional.empty()
                : Optional.of(ConnectException.InvalidLink.Reason.EXPIRED);
    }

    /**
     * A caller's request to connect an account.
     *
     * @param account the account of the credential
     * @param scopes the scopes to request; none for those of the client
     * @param returnUrl the URL to which the browser returns, or null for the result page
     * @param origin the origin of the page that opens the link in a pop-up window, or null
     * @param acceptOtherAccount whether a reconnect may replace the grant of another account
     * @param expectedAccount the only account at the provider that the link may connect, or null
     * @param wanted what the link asks for beside scopes
     * @param lifetime how long the link is valid; empty for {@code nexus.oauth.connect.lifetime}
     * @param createdBy the caller
     */
    public record Request(
            AccountKey account,
            Scopes scopes,
            @Nullable String returnUrl,
            @Nullable String origin,
            boolean acceptOtherAccount,
            @Nullable String expectedAccount,
            GrantRequest wanted,
            Optional<Duration> lifetime,
            String createdBy) {

        /** The same request for {@code other} beside scopes. */
        public Request wanting(GrantRequest other) {
            return new Request(
                    account,
                    scopes,
                    returnUrl,
                    origin,
                    acceptOtherAccount,
                    expectedAccount,
                    other,
                    lifetime,
                    createdBy);
        }
    }

    /**
     * The request of a link.
     *
     * @param provider the provider of the account
     * @param scopes the scopes that the service will request
     */
    public record Preview(ConnectSession session, ProviderProfile provider, Scopes scopes) {}

    /**
     * A session and the link that opens it.
     *
     * @param url a secret until it is used: only the user who connects may get it
     */
    public record Link(ConnectSession session, String url) {

        /** Without the URL. */
        @Override
        public String toString() {
            return "Link[session=" + session.id() + "]";
        }
    }

    /**
     * The redirect of the browser to the provider.
     *
     * @param url the authorization request (RFC 6749 section 4.1.1)
     * @param browser the cookie to set
     */
    public record Redirect(URI url, Secret browser) {

        /** Without the URL, because it holds the state. */
        @Override
        public String toString() {
            return "Redirect[" + url.getHost() + "]";
        }
    }
}
