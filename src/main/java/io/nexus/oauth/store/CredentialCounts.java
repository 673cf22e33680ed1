package io.nexus.oauth.store;

import io.nexus.oauth.store.connection.Database;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;

/** Counts credentials in pages by primary key: no statement is long, however many are stored. */
@ApplicationScoped
public class CredentialCounts {

    /** A grant that nothing but its user can prolong, and that was longer than the time it is told for. */
    private static final String ENDING = """
            count(*) FILTER (WHERE NOT refreshable AND expires_at BETWEEN clock_timestamp() AND clock_timestamp() + interval '%1$s'
              AND expires_at - issued_at > interval '%1$s')""";

    private static final String PAGE =
            """
            WITH page AS (SELECT credential_id, provider, status, encrypted_refresh_token IS NOT NULL AS refreshable, issued_at, expires_at
              FROM oauth_credentials WHERE credential_id > $1 ORDER BY credential_id LIMIT $2)
            SELECT provider, status, count(*) AS credentials, %s AS day, %s AS week, %s AS month,
              (SELECT credential_id FROM page ORDER BY credential_id DESC LIMIT 1) AS last
            FROM page GROUP BY provider, status""".formatted(ENDING.formatted("1 day"), ENDING.formatted("7 days"), ENDING.formatted("30 days"));

    private final Database database;

    CredentialCounts(Database database) {
        this.database = database;
    }

    /**
     * What the {@code limit} credentials behind {@code after} are; empty behind the last. Non-blocking; fails with {@link
     * io.nexus.oauth.credential.StorageException}.
     */
    public Uni<List<Part>> page(UUID after, int limit) {
        return database.all(
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
     * How many of a page are of one provider and in one state.
     *
     * @param ending how many end within a day, 7 days and 30 days though they were longer than that, and have no refresh token
     * @param last where the page ends
     */
    public record Part(String provider, String status, long credentials, List<Long> ending, UUID last) {
        /** Copies the list. */
        public Part {
            ending = List.copyOf(ending);
        }
    }
}
