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
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The statements of the refresh protocol. Each is one autocommitted statement: no connection is held while a provider answers.
 * All lease times are the database's clock ({@code clock_timestamp()}, not {@code now()}, which is the transaction's start).
 * Non-blocking; fails with {@code StorageException} when the database cannot be used, and then the statement may have happened.
 */
@ApplicationScoped
public class RefreshStore {

    private static final int MOST_AT_ONCE = 1000;

    private final Database database;

    RefreshStore(Database database) {
        this.database = database;
    }

    /**
     * Claims one credential. Empty when it moved on, is claimed by somebody else, is in quarantine or cannot be refreshed.
     *
     * @param seen the credential as the caller knows it: a newer version makes the claim empty
     * @param lease how long the claim holds
     */
    public Uni<Optional<RefreshLease>> claim(StoredCredential seen, UUID attempt, String owner, Duration lease) {
        Tuple values = Tuple.tuple()
                .addUUID(seen.key().id())
                .addLong(seen.version())
                .addUUID(attempt)
                .addString(owner)
                .addLong(lease.toMillis())
                .addString(seen.key().tenant().value());
        return database.first(RefreshSql.CLAIM, values, RefreshStore::toLease);
    }

    /** The claim that {@code attempt} made, if it holds: for whoever did not hear whether it did. */
    public Uni<Optional<RefreshLease>> claimOf(CredentialKey key, UUID attempt) {
        return database.find(
                RefreshSql.CLAIM_OF, Tuple.of(key.id(), key.tenant().value(), attempt), RefreshStore::toLease);
    }

    /** The credentials of {@code ids} that exist, in any status and order. */
    public Uni<List<StoredCredential>> findAll(Collection<UUID> ids) {
        List<UUID> asked = List.copyOf(ids);
        if (asked.size() <= MOST_AT_ONCE) {
            return database.list(
                    RefreshSql.FIND_ALL,
                    Tuple.tuple().addArrayOfUUID(asked.toArray(UUID[]::new)),
                    CredentialReader::read);
        }
        return findAll(asked.subList(0, MOST_AT_ONCE))
                .chain(first -> findAll(asked.subList(MOST_AT_ONCE, asked.size()))
                        .map(rest ->
                                Stream.concat(first.stream(), rest.stream()).toList()));
    }

    /**
     * Claims up to {@code limit} credentials of {@code provider} that are due, the tokens that end first, skipping claimed ones.
     *
     * @param blocked whose credentials are left alone
     */
    public Uni<List<RefreshLease>> claimDue(
            String provider, int limit, Collection<BlockedClient> blocked, String owner, Duration lease) {
        List<BlockedClient> own =
                blocked.stream().filter(client -> client.tenant() != null).toList();
        Tuple values = Tuple.tuple()
                .addString(provider)
                .addInteger(limit)
                .addString(owner)
                .addLong(lease.toMillis())
                .addArrayOfString(blocked.stream()
                        .filter(client -> client.tenant() == null)
                        .map(BlockedClient::clientId)
                        .toArray(String[]::new))
                .addArrayOfString(own.stream().map(BlockedClient::tenant).toArray(String[]::new))
                .addArrayOfString(own.stream().map(BlockedClient::clientId).toArray(String[]::new));
        return database.all(RefreshSql.CLAIM_DUE, values, RefreshStore::toLease);
    }

    /**
     * The credential, if it holds the very answer to {@code fence} and is not revoked: then a {@link #complete} that was empty was the
     * second of the same.
     */
    public Uni<Optional<StoredCredential>> committed(RefreshFence fence) {
        return database.persist()
                .find(RefreshSql.COMMITTED, Tuple.of(fence.key().id(), fence.attempt()), CredentialReader::read);
    }

    /**
     * Stores an answer. Safe to repeat. Empty when this answer or a newer one is stored already, or the credential was revoked or
     * deleted meanwhile.
     *
     * @param trigger what asked for the refresh, for the audit trail
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
                .addString(ColumnTexts.ofMap(grant.clientVars()));
        return database.persist().first(RefreshSql.COMPLETE, values, CredentialReader::read);
    }

    /**
     * Ends a claim that spent nothing: the next try is after {@code backoff}.
     *
     * @param counts whether it counts as a failure of this credential
     */
    public Uni<Void> release(RefreshLease lease, String error, boolean counts, Duration backoff) {
        Tuple values = ending(lease).addInteger(counts ? 1 : 0).addString(error).addLong(backoff.toMillis());
        return database.persist().change(RefreshSql.RELEASE, values).replaceWithVoid();
    }

    /**
     * Ends a claim that came to nothing for a reason that is not the credential's: nothing is noted in it.
     *
     * @param delay how long the schedule leaves it alone at least; zero to leave its turn as it is
     */
    public Uni<Void> yieldClaim(RefreshLease lease, Duration delay) {
        Long millis = delay.isPositive() ? delay.toMillis() : null;
        return database.persist()
                .change(RefreshSql.YIELD, ending(lease).addLong(millis))
                .replaceWithVoid();
    }

    /** Ends a claim whose fate is unknown: its quarantine starts now, and the next try is {@code after} its end. */
    public Uni<Void> suspend(RefreshLease lease, String error, Duration after) {
        return database.persist()
                .change(RefreshSql.SUSPEND, ending(lease).addString(error).addLong(after.toMillis()))
                .replaceWithVoid();
    }

    /** Keeps the claim for another {@code length}. False when it is not held any more. */
    public Uni<Boolean> renew(RefreshLease lease, Duration length) {
        return database.persist()
                .change(RefreshSql.RENEW, ending(lease).addLong(length.toMillis()))
                .map(changed -> changed > 0);
    }

    /**
     * Notes that the provider said for the first time that the grant is over, unless its tokens moved on since the claim; asks again
     * {@code after} that time. True when it is noted.
     */
    public Uni<Boolean> suspect(RefreshLease lease, String error, Duration after) {
        Tuple values = Tuple.tuple()
                .addUUID(lease.key().id())
                .addLong(lease.epoch())
                .addLong(lease.credential().version())
                .addString(error)
                .addLong(after.toMillis())
                .addUUID(lease.attempt());
        return database.persist().change(RefreshSql.SUSPECT, values).map(changed -> changed > 0);
    }

    /** Ends a claim under which nothing was asked and nothing was learnt; the next one is possible {@code after} this. */
    public Uni<Void> postpone(RefreshLease lease, Duration after) {
        return database.persist()
                .change(RefreshSql.POSTPONE, ending(lease).addLong(after.toMillis()))
                .replaceWithVoid();
    }

    /** How many grants of a client came under suspicion in the last {@code window}; counts no further than {@code most}. */
    public Uni<Integer> suspects(String provider, @Nullable String clientId, Duration window, int most) {
        Tuple values = Tuple.tuple()
                .addString(provider)
                .addString(clientId)
                .addLong(window.toMillis())
                .addInteger(most);
        return database.find(RefreshSql.SUSPECTS, values, row -> row.getInteger("suspects"))
                .map(found -> found.orElse(0));
    }

    /** Ends the grant, unless its tokens moved on since the claim. True when it did. */
    public Uni<Boolean> reject(RefreshLease lease, String error) {
        Tuple values =
                Tuple.of(lease.key().id(), lease.epoch(), lease.credential().version(), error, lease.attempt());
        return database.persist().change(RefreshSql.REJECT, values).map(changed -> changed > 0);
    }

    /**
     * Marks {@code version} as reported by a caller whose token the provider's API refused, and makes the credential due. Empty
     * when that version was reported before, is not the stored one, or cannot be refreshed.
     */
    public Uni<Optional<StoredCredential>> report(CredentialKey key, long version) {
        Tuple values = Tuple.of(key.id(), key.tenant().value(), version);
        return database.first(RefreshSql.REPORT, values, CredentialReader::read);
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
     * An OAuth client whose credentials must not be claimed now.
     *
     * @param tenant whose registration it is, or null for everybody's
     */
    public record BlockedClient(@Nullable String tenant, String clientId) {}
}
