package io.nexus.oauth.store;

import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.UUID;

/** Counts credentials in pages by primary key: no statement is long, however many are stored. */
@ApplicationScoped
public class CredentialCensus {

    private static final String PAGE = """
            WITH page AS (SELECT credential_id, provider, status FROM oauth_credentials
              WHERE credential_id > $1 ORDER BY credential_id LIMIT $2)
            SELECT provider, status, count(*) AS credentials,
              (SELECT credential_id FROM page ORDER BY credential_id DESC LIMIT 1) AS last
            FROM page GROUP BY provider, status""";

    private final Database database;

    CredentialCensus(Database database) {
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
                        row.getUUID("last")));
    }

    /**
     * How many of a page are of one provider and in one state.
     *
     * @param last where the page ends
     */
    public record Part(String provider, String status, long credentials, UUID last) {}
}
