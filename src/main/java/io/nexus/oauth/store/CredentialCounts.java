package io.nexus.oauth.store;

import io.nexus.oauth.store.connection.Database;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;

/** Counts credentials in pages by primary key, so that each statement is short however many are stored. */
@ApplicationScoped
public class CredentialCounts {

    /** A grant that only its user can renew, and whose lifetime was longer than the reported period. */
    private static final String ENDING = """
            count(*) FILTER (WHERE ends_at BETWEEN clock_timestamp() AND clock_timestamp() + interval '%1$s'
              AND ends_at - end_since > interval '%1$s')""";

    private static final String PAGE = """
            WITH page AS (SELECT credential_id, provider, status,
                CASE WHEN %s THEN expires_at ELSE refresh_expires_at END AS ends_at,
                CASE WHEN %s THEN issued_at ELSE refresh_end_since END AS end_since
              FROM oauth_credentials c WHERE credential_id > $1 ORDER BY credential_id LIMIT $2)
            SELECT provider, status, count(*) AS credentials, %s AS day, %s AS week, %s AS month,
              (SELECT credential_id FROM page ORDER BY credential_id DESC LIMIT 1) AS last
            FROM page GROUP BY provider, status""".formatted(
                    StateSql.NOT_RENEWABLE,
                    StateSql.NOT_RENEWABLE,
                    ENDING.formatted("1 day"),
                    ENDING.formatted("7 days"),
                    ENDING.formatted("30 days"));

    private final Database database;

    CredentialCounts(Database database) {
        this.database = database;
    }

    /**
     * Counts the next {@code limit} credentials after {@code after}; empty after the last one. Non-blocking; fails with
     * {@link io.nexus.oauth.credential.StorageException}.
     */
    public Uni<List<Part>> page(UUID after, int limit) {
        return database.executeForRows(
                PAGE,
                Tuple.of(after, limit),
                row -> new Part(
                        row.getString("provider"),
                        row.getString("status"),
                        row.getLong("credentials"),
                        List.of(row.getLong("day"), row.getLong("week"), row.getLong("month")),
                        row.getUUID("last")));
    }

    /**
     * The number of credentials in a page with one provider and one status.
     *
     * @param ending how many end within 1, 7 and 30 days and had a longer lifetime: their refresh token expires, or their
     *     access token without one
     * @param last the id of the last credential of the page
     */
    public record Part(String provider, String status, long credentials, List<Long> ending, UUID last) {
        /** Copies the list. */
        public Part {
            ending = List.copyOf(ending);
        }
    }
}
