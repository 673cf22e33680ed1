package io.nexus.oauth.store;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.RefreshFence;
import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.SealedGrant;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The statements of the refresh protocol. Each is one autocommitted statement, so no connection is held during a
 * request to a provider. All lease times come from the database's clock ({@code clock_timestamp()}, because {@code
 * now()} is the start of the transaction). Non-blocking; fails with {@code StorageException} when the database cannot
 * be used, and then the statement may still have taken effect.
 */
@ApplicationScoped
public class RefreshStore {

    private static final int MAX_IDS_PER_STATEMENT = 1000;

    private final Database database;

    RefreshStore(Database database) {
        this.database = database;
    }

    /**
     * Takes a lease on one credential. Empty when it has a newer version, is leased, is in quarantine or cannot be
     * refreshed.
     *
     * @param seen the credential as the caller knows it; with a newer version in the database the result is empty
     * @param lease the duration of the lease
     */
    public Uni<Optional<RefreshLease>> takeLease(StoredCredential seen, UUID attempt, String owner, Duration lease) {
        Tuple values = Tuple.tuple()
                .addUUID(seen.key().id())
                .addLong(seen.version())
                .addUUID(attempt)
                .addString(owner)
                .addLong(lease.toMillis())
                .addString(seen.key().tenant().value());
        return database.executeForRow(RefreshSql.TAKE_LEASE, values, RefreshStore::toLease);
    }

    /** The lease of {@code attempt}, if it is still valid: for a caller that got no response to {@link #takeLease}. */
    public Uni<Optional<RefreshLease>> leaseOf(CredentialKey key, UUID attempt) {
        return database.selectRow(
                RefreshSql.LEASE_OF, Tuple.of(key.id(), key.tenant().value(), attempt), RefreshStore::toLease);
    }

    /** The credentials with these {@code ids}, in any status and order; unknown ids are omitted. */
    public Uni<List<StoredCredential>> findAll(Collection<UUID> ids) {
        List<UUID> asked = List.copyOf(ids);
        if (asked.size() <= MAX_IDS_PER_STATEMENT) {
            return database.selectRows(
                    RefreshSql.FIND_ALL,
                    Tuple.tuple().addArrayOfUUID(asked.toArray(UUID[]::new)),
                    CredentialReader::read);
        }
        return findAll(asked.subList(0, MAX_IDS_PER_STATEMENT))
                .chain(first -> findAll(asked.subList(MAX_IDS_PER_STATEMENT, asked.size()))
                        .map(rest ->
                                Stream.concat(first.stream(), rest.stream()).toList()));
    }

    /** Those of {@code providers} that have due credentials, leased ones included; the one with the longest due credential first. */
    public Uni<List<String>> dueProviders(Collection<String> providers) {
        return database.selectRows(
                RefreshSql.DUE_PROVIDERS,
                Tuple.tuple().addArrayOfString(providers.toArray(String[]::new)),
                row -> row.getString("id"));
    }

    /**
     * Takes leases on up to {@code limit} due credentials of {@code provider}, in the order of token expiry; skips
     * leased ones.
     *
     * @param clients the most leases for each client; of a client that is not named, a few
     */
    public Uni<List<RefreshLease>> leaseDue(
            String provider, int limit, List<ClientSlots> clients, String owner, Duration lease) {
        Tuple values = Tuple.tuple()
                .addString(provider)
                .addInteger(limit)
                .addString(owner)
                .addLong(lease.toMillis());
        for (boolean own : new boolean[] {false, true}) {
            List<ClientSlots> some = clients.stream()
                    .filter(each -> own == (each.tenant() != null))
                    .toList();
            values.addArrayOfString(some.stream().map(ClientSlots::clientId).toArray(String[]::new))
                    .addArrayOfInteger(some.stream().map(ClientSlots::free).toArray(Integer[]::new));
            if (own) {
                values.addArrayOfString(some.stream().map(ClientSlots::tenant).toArray(String[]::new));
            }
        }
        return database.executeForRows(RefreshSql.LEASE_DUE, values, RefreshStore::toLease);
    }

    /**
     * The credential, if it holds the response of {@code fence} and is not revoked. It tells an empty {@link #complete}
     * that the response had already been stored.
     */
    public Uni<Optional<StoredCredential>> committed(RefreshFence fence) {
        return database.persist()
                .selectRow(RefreshSql.COMMITTED, Tuple.of(fence.key().id(), fence.attempt()), CredentialReader::read);
    }

    /**
     * Stores a token response. Safe to repeat. Empty when this response or a newer one is already stored, or when the
     * credential was revoked or deleted.
     *
     * @param trigger what triggered the refresh, for the audit trail
     */
    public Uni<Optional<StoredCredential>> complete(RefreshFence fence, SealedGrant grant, String trigger) {
        Tuple values = Tuple.tuple()
                .addUUID(fence.key().id())
                .addLong(fence.epoch())
                .addString(grant.accessToken().text())
                .addString(ColumnTexts.ofSecret(grant.refreshToken()))
                .addString(grant.tokenType())
                .addString(ColumnTexts.ofScopes(grant.scopes()))
                .addOffsetDateTime(ColumnTexts.ofInstant(grant.expiresAt()))
                .addBoolean(grant.expiryAssumed())
                .addOffsetDateTime(ColumnTexts.ofInstant(grant.issuedAt()))
                .addOffsetDateTime(ColumnTexts.ofInstant(grant.nextRefreshAt()))
                .addString(ColumnTexts.ofMap(grant.metadata()))
                .addUUID(fence.attempt())
                .addString(trigger)
                .addInteger(millis(grant.quarantine()))
                .addString(ColumnTexts.ofMap(grant.clientVars()))
                .addOffsetDateTime(ColumnTexts.ofInstant(grant.refreshExpiresAt()))
                .addString(grant.defect());
        return database.persist().executeForRow(RefreshSql.COMPLETE, values, CredentialReader::read);
    }

    /**
     * Ends a lease that did not use the refresh token. The next attempt is due after {@code backoff}.
     *
     * @param counts whether to count it as a failure of this credential
     */
    public Uni<Void> release(RefreshLease lease, String error, boolean counts, Duration backoff) {
        Tuple values = ending(lease).addInteger(counts ? 1 : 0).addString(error).addLong(backoff.toMillis());
        return database.persist().executeUpdate(RefreshSql.RELEASE, values).replaceWithVoid();
    }

    /**
     * Ends a lease without recording a failure, for a reason that has nothing to do with the credential.
     *
     * @param delay the shortest time until the next scheduled refresh; zero to keep the planned time
     */
    public Uni<Void> yieldLease(RefreshLease lease, Duration delay) {
        Long millis = delay.isPositive() ? delay.toMillis() : null;
        return database.persist()
                .executeUpdate(RefreshSql.YIELD, ending(lease).addLong(millis))
                .replaceWithVoid();
    }

    /**
     * Ends a lease with an unknown result. Its quarantine starts now, and the next attempt is due {@code after} the
     * quarantine.
     */
    public Uni<Void> suspend(RefreshLease lease, String error, Duration after) {
        return database.persist()
                .executeUpdate(
                        RefreshSql.SUSPEND, ending(lease).addString(error).addLong(after.toMillis()))
                .replaceWithVoid();
    }

    /** Extends the lease to {@code length} from now. Returns false when it is no longer held. */
    public Uni<Boolean> renew(RefreshLease lease, Duration length) {
        return database.persist()
                .executeUpdate(RefreshSql.RENEW, ending(lease).addLong(length.toMillis()))
                .map(changed -> changed > 0);
    }

    /**
     * Records that the provider rejected the grant for the first time, unless the tokens changed since the lease began;
     * the next attempt is due {@code after} this. Returns true when recorded.
     */
    public Uni<Boolean> suspect(RefreshLease lease, String error, Duration after) {
        Tuple values = Tuple.tuple()
                .addUUID(lease.key().id())
                .addLong(lease.epoch())
                .addLong(lease.credential().version())
                .addString(error)
                .addLong(after.toMillis())
                .addUUID(lease.attempt());
        return database.persist().executeUpdate(RefreshSql.SUSPECT, values).map(changed -> changed > 0);
    }

    /** Ends a lease under which no request was sent; the next attempt is due {@code after} this. */
    public Uni<Void> postpone(RefreshLease lease, Duration after) {
        return database.persist()
                .executeUpdate(RefreshSql.POSTPONE, ending(lease).addLong(after.toMillis()))
                .replaceWithVoid();
    }

    /**
     * Ends a lease because the provider refused this grant, and counts the refusal; the next attempt is due {@code after} this.
     */
    public Uni<Void> backOff(RefreshLease lease, String error, Duration after) {
        return database.persist()
                .executeUpdate(
                        RefreshSql.BACK_OFF, ending(lease).addString(error).addLong(after.toMillis()))
                .replaceWithVoid();
    }

    /** The number of a client's grants that became suspected within {@code window}; counts to {@code most} at most. */
    public Uni<Integer> suspects(SharedClient client, Duration window, int most) {
        Tuple values = Tuple.tuple()
                .addString(client.provider())
                .addString(client.clientId())
                .addString(ColumnTexts.ofMap(client.vars()))
                .addLong(window.toMillis())
                .addInteger(most)
                .addString(client.tenant())
                .addArrayOfString(client.others().toArray(String[]::new));
        return database.selectRow(RefreshSql.SUSPECTS, values, row -> row.getInteger("suspects"))
                .map(found -> found.orElse(0));
    }

    /** Marks the grant as ended, unless its tokens changed since the lease began. Returns true when marked. */
    public Uni<Boolean> reject(RefreshLease lease, String error) {
        Tuple values =
                Tuple.of(lease.key().id(), lease.epoch(), lease.credential().version(), error, lease.attempt());
        return database.persist().executeUpdate(RefreshSql.REJECT, values).map(changed -> changed > 0);
    }

    /**
     * Records that the provider's API rejected the token of {@code version}, and makes the credential due. Empty when
     * that version was reported before, is not the stored one, or cannot be refreshed.
     */
    public Uni<Optional<StoredCredential>> report(CredentialKey key, long version) {
        Tuple values = Tuple.of(key.id(), key.tenant().value(), version);
        return database.executeForRow(RefreshSql.REPORT, values, CredentialReader::read);
    }

    private static @Nullable Integer millis(@Nullable Duration duration) {
        return duration == null ? null : (int) duration.toMillis();
    }

    private static Tuple ending(RefreshLease lease) {
        return Tuple.tuple().addUUID(lease.key().id()).addLong(lease.epoch()).addUUID(lease.attempt());
    }

    private static RefreshLease toLease(Row row) {
        return new RefreshLease(
                CredentialReader.read(row),
                row.getUUID("lease_attempt"),
                row.getLong("lease_epoch"),
                row.getLong("token_epoch"),
                row.getInteger("unresolved"));
    }

    /**
     * The free slots of an OAuth client at a provider.
     *
     * @param tenant the tenant whose own client it is, or null for a client of all tenants
     */
    public record ClientSlots(@Nullable String tenant, String clientId, int free) {}

    /**
     * An OAuth client and the tenants whose grants it made.
     *
     * @param clientId the client's id, or null when the grants do not name it
     * @param vars the client's variables
     * @param tenant the tenant that registered it, or null for a client of all tenants without one of their own
     * @param others tenants that have a client of their own in the configuration; used when {@code tenant} is null
     */
    public record SharedClient(
            String provider,
            @Nullable String clientId,
            Map<String, String> vars,
            @Nullable String tenant,
            List<String> others) {

        /** Copies the collections. */
        public SharedClient {
            vars = Map.copyOf(vars);
            others = List.copyOf(others);
        }
    }
}
