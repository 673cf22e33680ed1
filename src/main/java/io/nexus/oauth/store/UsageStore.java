package io.nexus.oauth.store;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.DailyUsage;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/** Counts how often the service issues tokens. It writes in batches, so that a read never writes. */
@ApplicationScoped
public class UsageStore {

    private static final String ADD = """
            WITH used AS (SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) AS u(id, handouts, at)),
            touched AS (
              UPDATE oauth_credentials c SET last_used_at = GREATEST(c.last_used_at, used.at) FROM used
              WHERE c.credential_id = used.id)
            INSERT INTO credential_usage AS u (credential_id, day, handouts)
            SELECT id, (at AT TIME ZONE 'UTC')::date, handouts FROM used
            ON CONFLICT (credential_id, day) DO UPDATE SET handouts = u.handouts + EXCLUDED.handouts""";

    private static final String DAYS = """
            SELECT day, handouts FROM credential_usage u JOIN oauth_credentials c USING (credential_id)
            WHERE u.credential_id = $1::uuid AND c.tenant_id = $2::text AND u.day < $4::date
            ORDER BY day DESC LIMIT $3::int""";

    private static final LocalDate LATEST = LocalDate.of(9999, 12, 31);

    private final Database database;

    UsageStore(Database database) {
        this.database = database;
    }

    /** Adds the counts of a batch, each credential at most once. Non-blocking; fails with {@code StorageException}. */
    public Uni<Void> add(List<Usage> usages) {
        Tuple values = Tuple.tuple()
                .addArrayOfUUID(usages.stream().map(Usage::credentialId).toArray(UUID[]::new))
                .addArrayOfLong(usages.stream().map(Usage::handouts).toArray(Long[]::new))
                .addArrayOfOffsetDateTime(usages.stream()
                        .map(usage -> ColumnTexts.ofInstant(usage.lastUsedAt()))
                        .toArray(java.time.OffsetDateTime[]::new));
        return database.executeUpdate(ADD, values).replaceWithVoid();
    }

    /**
     * Up to {@code limit} days (UTC) on which the service issued the credential's token, newest first; before {@code
     * before} if given.
     */
    public Uni<List<DailyUsage>> days(CredentialKey key, Optional<LocalDate> before, int limit) {
        return database.within(key.tenant())
                .selectRows(
                        DAYS,
                        Tuple.of(key.id(), key.tenant().value(), limit, before.orElse(LATEST)),
                        row -> new DailyUsage(row.getLocalDate("day"), row.getLong("handouts")));
    }

    /** How often the service issued one credential's token since the last batch. */
    public record Usage(UUID credentialId, long handouts, Instant lastUsedAt) {}
}
