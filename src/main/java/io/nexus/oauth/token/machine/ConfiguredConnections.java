package io.nexus.oauth.token.machine;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.GrantType;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.catalogue.MachineGrantRules;
import io.nexus.oauth.provider.oidc.OidcClientTokens;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.store.CredentialStore;
import io.nexus.oauth.store.execution.CancellationShield;
import io.nexus.oauth.store.execution.ScheduledRun;
import io.nexus.oauth.store.keys.TenantNames;
import io.nexus.oauth.token.client.ProviderClients;
import io.quarkus.scheduler.Scheduled;
import io.quarkus.scheduler.Scheduled.ApplicationNotRunning;
import io.quarkus.scheduler.Scheduled.ConcurrentExecution;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Creates the machine connections of the configuration, and changes those whose values have changed. The start does not wait for
 * it. One replica at a time tries a connection; after a failure all wait, half a minute at first and five minutes at most. A
 * revoked credential stays revoked, because somebody decided that.
 */
@ApplicationScoped
class ConfiguredConnections {

    private static final Logger LOG = Logger.getLogger(ConfiguredConnections.class);

    /** The caller in the audit trail. */
    static final String ACTOR = "configuration";

    private static final TokenRequest NOTHING = new TokenRequest(Scopes.NONE, null, List.of());

    /** How many tenants without a connection that all tenants have get theirs in one run. */
    private static final int TENANTS_IN_A_RUN = 100;

    /**
     * A connection of one tenant.
     *
     * @param name the name of its turn
     */
    private record Wanted(String name, AccountKey account, TokenRequest request) {}

    /**
     * A connection of the configuration.
     *
     * @param tenants its tenants; null for all
     */
    private record Entry(
            String name, @Nullable List<TenantId> tenants, String provider, String user, TokenRequest request) {

        Wanted of(TenantId tenant) {
            return new Wanted(
                    tenants != null && tenants.size() == 1 ? name : turns() + tenant,
                    new AccountKey(tenant, provider, user),
                    request);
        }

        String turns() {
            return name + "/";
        }
    }

    private final List<Entry> entries;
    private final MachineConnections machines;
    private final CredentialStore credentials;
    private final TenantNames tenants;
    private final ProviderClients clients;
    private final CancellationShield shield;

    ConfiguredConnections(
            ConnectionsConfig config,
            MachineConnections machines,
            CredentialStore credentials,
            TenantNames tenants,
            ProviderClients clients,
            OidcClientTokens oidc,
            CancellationShield shield) {
        this.entries = config.all().entrySet().stream()
                .flatMap(entry -> usable(entry, oidc, clients))
                .toList();
        this.machines = machines;
        this.credentials = credentials;
        this.tenants = tenants;
        this.clients = clients;
        this.shield = shield;
    }

    /** What cannot be used is left out: the checks at the start have told it. */
    private static Stream<Entry> usable(
            Map.Entry<String, ConnectionsConfig.Connection> entry, OidcClientTokens oidc, ProviderClients clients) {
        ConnectionsConfig.Connection connection = entry.getValue();
        boolean everywhere = connection.tenant().equals(ConnectionsConfig.ALL_TENANTS)
                && connection.oidcClient().isPresent();
        try {
            AccountKey account = new AccountKey(TenantId.DEFAULT, connection.provider(), connection.user());
            List<TenantId> tenants = everywhere
                    ? null
                    : connection.tenant().stream().map(TenantId::configured).toList();
            return request(connection, oidc, clients).stream()
                    .map(request -> new Entry(entry.getKey(), tenants, account.provider(), account.user(), request));
        } catch (IllegalArgumentException e) {
            return Stream.empty();
        }
    }

    /**
     * Empty when the connection names a client that cannot be used, or says twice what to request. Throws {@link
     * IllegalArgumentException} for a wrong value, and for one that the provider does not take.
     */
    private static Optional<TokenRequest> request(
            ConnectionsConfig.Connection connection, OidcClientTokens oidc, ProviderClients clients) {
        TokenRequest own = new TokenRequest(
                GrantType.of(connection.grantType()),
                Scopes.of(connection.scopes().orElse(List.of())),
                connection.audience().orElse(null),
                connection.resource().orElse(List.of()),
                connection.subject().orElse(null));
        clients.find(connection.provider()).ifPresent(provider -> MachineGrantRules.check(provider.profile(), own));
        return connection.oidcClient().isEmpty()
                ? Optional.of(own)
                : connection.oidcClient().filter(id -> own.equals(NOTHING)).flatMap(oidc::request);
    }

    @Scheduled(
            every = "15s",
            identity = "configured-connections",
            concurrentExecution = ConcurrentExecution.SKIP,
            skipExecutionIf = ApplicationNotRunning.class)
    Uni<Void> tick() {
        return entries.isEmpty()
                ? Uni.createFrom().voidItem()
                : ScheduledRun.of(
                        LOG,
                        "connections of the configuration",
                        ScheduledRun.DEFAULT_LIMIT,
                        () -> shield.run(this::createAll));
    }

    private Uni<Void> createAll() {
        return Multi.createFrom()
                .iterable(entries)
                .onItem()
                .transformToUniAndConcatenate(this::tenantsOf)
                .onItem()
                .transformToMultiAndConcatenate(Multi.createFrom()::iterable)
                .onItem()
                .transformToUniAndConcatenate(each -> create(each)
                        .onFailure()
                        .invoke(e -> LOG.warnf(
                                "Connection %s of the configuration is not as configured yet, the service retries: %s",
                                each.name(), e.getMessage()))
                        .onFailure()
                        .recoverWithNull())
                .collect()
                .asList()
                .replaceWithVoid();
    }

    /** With the tenants of the configuration, or with those that lack it. */
    private Uni<List<Wanted>> tenantsOf(Entry entry) {
        Uni<List<TenantId>> named = entry.tenants() == null
                ? tenants.without(
                        entry.provider(), entry.user(), entry.request(), entry.turns(), ACTOR, TENANTS_IN_A_RUN)
                : Uni.createFrom().item(entry.tenants());
        return named.map(all -> all.stream().map(entry::of).toList());
    }

    private Uni<Void> create(Wanted connection) {
        return isDone(connection)
                .chain(done -> done ? Uni.createFrom().item(false) : credentials.takeTurn(connection.name()))
                .chain(mine ->
                        mine ? createInTurn(connection) : Uni.createFrom().voidItem());
    }

    /** Looks again, because the replica whose turn was before may have created it. */
    private Uni<Void> createInTurn(Wanted connection) {
        return isDone(connection)
                .chain(done -> done
                        ? Uni.createFrom().voidItem()
                        : machines.create(connection.account(), connection.request(), AccessLimits.ALL, ACTOR, false)
                                .replaceWithVoid())
                .chain(() -> credentials.endTurn(connection.name()));
    }

    private Uni<Boolean> isDone(Wanted connection) {
        return credentials.find(connection.account()).chain(found -> isDone(connection, found));
    }

    /** Whether nothing has to be done. A connection of another OAuth client than the present one has to be created again. */
    private Uni<Boolean> isDone(Wanted connection, Optional<StoredCredential> found) {
        if (found.isEmpty() || found.get().status() == CredentialStatus.REVOKED) {
            return Uni.createFrom().item(found.isPresent());
        }
        if (!connection.request().equals(found.get().request())) {
            return Uni.createFrom().item(false);
        }
        return clients.of(found.get())
                .replaceWith(true)
                .onFailure(e -> e instanceof ProviderException wrong
                        && wrong.code().equals(ProviderException.Misconfigured.CLIENT_CHANGED))
                .recoverWithItem(false);
    }
}
