package io.nexus.oauth.store.access;

import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.audit.AuditInsert;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Stores the sessions of the pages by the digests of their cookies. Sign-in and sign-out write an audit event in the
 * same statement. Non-blocking; fails with {@code StorageException} when the database cannot be used.
 */
@ApplicationScoped
public class PageSessionStore {

    private static final String ADD = """
            WITH outdated AS (DELETE FROM page_sessions WHERE expires_at < clock_timestamp()),
              made AS (INSERT INTO page_sessions (session_digest, key_id, identity, terms_digest, created_at, expires_at)
                VALUES ($1::text, $2::text, $3::text, $4::text, $5::timestamptz, $6::timestamptz))
            %s""".formatted(AuditInsert.in("$7::text", "'signed_in'", "$8::text")
            .subject("$2::text")
            .source("$9::text")
            .once());

    private static final String REMOVE = """
            WITH gone AS (DELETE FROM page_sessions WHERE session_digest = $1::text RETURNING key_id)
            %s""".formatted(AuditInsert.in("$2::text", "'signed_out'", "$3::text")
            .subject("key_id")
            .from("gone"));

    private static final String GET = """
            SELECT session_digest, key_id, identity, terms_digest, created_at, expires_at FROM page_sessions
            WHERE session_digest = $1::text AND expires_at > clock_timestamp()""";

    private final Database database;

    PageSessionStore(Database database) {
        this.database = database;
    }

    /** Stores a session, deletes expired ones and records that {@code who} signed in. */
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
        return database.executeUpdate(ADD, values).replaceWithVoid();
    }

    /** The session with that digest; empty when there is none or it expired. */
    public Uni<Optional<Stored>> get(String digest) {
        return database.selectSharedRow(
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

    /** Deletes a session and records that {@code who} signed out. Does nothing when there is none. */
    public Uni<Void> remove(String digest, Visitor who) {
        return database.executeUpdate(REMOVE, Tuple.of(digest, who.tenant().value(), who.name()))
                .replaceWithVoid();
    }

    /**
     * A stored session.
     *
     * @param digest the digest of its cookie
     * @param keyId the API key of the sign-in, or null
     * @param identity the identity from an identity provider, or null
     * @param termsDigest a keyed digest that proves that the service wrote the session
     * @param createdAt the time of the sign-in
     * @param expiresAt when it expires
     */
    public record Stored(
            String digest,
            @Nullable String keyId,
            @Nullable String identity,
            String termsDigest,
            Instant createdAt,
            Instant expiresAt) {

        /** This session with another terms digest. */
        public Stored with(String proof) {
            return new Stored(digest, keyId, identity, proof, createdAt, expiresAt);
        }
    }

    /**
     * The caller that signs in or out.
     *
     * @param tenant the tenant of the audit event
     * @param name the name of the caller
     * @param source the network address of the caller, or null
     */
    public record Visitor(
            TenantId tenant, String name, @Nullable String source) {}
}
