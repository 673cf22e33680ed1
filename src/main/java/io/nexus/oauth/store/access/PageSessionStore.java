package io.nexus.oauth.store.access;

import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Who is signed in to the pages, by the digests of their cookies. Signing in and out leaves a line in the audit trail, in the same
 * statement. Non-blocking; fails with {@code StorageException} when the database cannot be used.
 */
@ApplicationScoped
public class PageSessionStore {

    private static final String ADD = """
            WITH outdated AS (DELETE FROM page_sessions WHERE expires_at < clock_timestamp()),
              made AS (INSERT INTO page_sessions (session_digest, key_id, identity, terms_digest, created_at, expires_at)
                VALUES ($1::text, $2::text, $3::text, $4::text, $5::timestamptz, $6::timestamptz))
            INSERT INTO audit_events (tenant_id, operation, actor, subject, source)
            VALUES ($7::text, 'signed_in', $8::text, $2::text, $9::text)""";

    private static final String REMOVE = """
            WITH gone AS (DELETE FROM page_sessions WHERE session_digest = $1::text RETURNING key_id)
            INSERT INTO audit_events (tenant_id, operation, actor, subject)
            SELECT $2::text, 'signed_out', $3::text, key_id FROM gone""";

    private static final String GET = """
            SELECT session_digest, key_id, identity, terms_digest, created_at, expires_at FROM page_sessions
            WHERE session_digest = $1::text AND expires_at > clock_timestamp()""";

    private final Database database;

    PageSessionStore(Database database) {
        this.database = database;
    }

    /** Keeps a session, forgets those that are over, and tells {@code who} signed in. */
    public Uni<Void> add(Stored session, Visitor who) {
        Tuple values = Tuple.tuple()
                .addString(session.digest())
                .addString(session.keyId())
                .addString(session.identity())
                .addString(session.termsDigest())
                .addOffsetDateTime(ColumnTexts.ofInstant(session.createdAt()))
                .addOffsetDateTime(ColumnTexts.ofInstant(session.expiresAt()))
                .addString(who.tenant().value())
                .addString(who.name())
                .addString(who.source());
        return database.change(ADD, values).replaceWithVoid();
    }

    /** The session of that digest, unless it is over. */
    public Uni<Optional<Stored>> get(String digest) {
        return database.shared(
                GET,
                Tuple.of(digest),
                row -> new Stored(
                        row.getString("session_digest"),
                        row.getString("key_id"),
                        row.getString("identity"),
                        row.getString("terms_digest"),
                        row.getOffsetDateTime("created_at").toInstant(),
                        row.getOffsetDateTime("expires_at").toInstant()));
    }

    /** Ends a session for {@code who}; one that is not there leaves no line. */
    public Uni<Void> remove(String digest, Visitor who) {
        return database.change(REMOVE, Tuple.of(digest, who.tenant().value(), who.name()))
                .replaceWithVoid();
    }

    /**
     * A session as it is kept.
     *
     * @param digest of its cookie
     * @param keyId the API key that was shown, or null
     * @param identity what an identity provider said, or null
     * @param termsDigest proves that the service wrote it
     * @param createdAt when somebody signed in
     * @param expiresAt when it ends at the latest
     */
    public record Stored(
            String digest,
            @Nullable String keyId,
            @Nullable String identity,
            String termsDigest,
            Instant createdAt,
            Instant expiresAt) {

        /** The same with another proof. */
        public Stored with(String proof) {
            return new Stored(digest, keyId, identity, proof, createdAt, expiresAt);
        }
    }

    /**
     * Who signs in or out.
     *
     * @param tenant whose audit trail says so
     * @param name the caller's
     * @param source the address that the call came from, or null
     */
    public record Visitor(
            TenantId tenant, String name, @Nullable String source) {}
}
