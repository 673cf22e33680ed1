package io.nexus.oauth.store;

import static java.util.Objects.requireNonNull;

import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.StorageException;
import io.nexus.oauth.credential.TenantId;
import io.quarkus.hibernate.reactive.panache.PanacheRepositoryBase;
import io.quarkus.hibernate.reactive.panache.common.WithSession;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;

/**
 * Connect sessions. Link, state and cookie are known here by their digests only. Each move is one statement that names the
 * status it comes from, so of any number of parallel tries one wins. Non-blocking; fails with {@link StorageException}.
 */
@OnDatabase
@ApplicationScoped
public class ConnectSessionStore implements PanacheRepositoryBase<ConnectSessionRow, UUID> {

    /** How many {@link #purge} removes at most. */
    public static final int PURGED_AT_ONCE = 1000;

    /** Who moves a session on is a person in a browser, who has no name here. */
    private static final String START = """
            WITH started AS (
              UPDATE connect_sessions SET status = 'started', browser_digest = $2::text, state_digest = $3::text,
                encrypted_code_verifier = $4::text, redirect_uri = $5::text
              WHERE link_digest = $1::text AND expires_at > clock_timestamp()
                AND (status = 'created' OR (status = 'started' AND browser_digest = $2::text))
              RETURNING tenant_id, provider, user_email, session_id)
            INSERT INTO audit_events (tenant_id, operation, provider, user_email, actor, subject)
            SELECT tenant_id, 'connect_started', provider, user_email, 'browser', session_id::text FROM started""";

    private static final String CONSUME = """
            UPDATE connect_sessions SET status = 'exchanging', state_digest = NULL
            WHERE state_digest = $1::text AND provider = $2::text AND browser_digest = $3::text AND status = 'started'
              AND expires_at > clock_timestamp()
            RETURNING session_id, encrypted_code_verifier, redirect_uri""";

    private static final String FINISH = """
            WITH ended AS (
              UPDATE connect_sessions SET status = $2::text, error = $3::text, credential_id = $4::uuid,
                encrypted_code_verifier = NULL
              WHERE session_id = $1::uuid AND status = 'exchanging'
              RETURNING tenant_id, provider, user_email, credential_id, error, session_id)
            INSERT INTO audit_events (tenant_id, operation, provider, user_email, credential_id, actor, subject, detail)
            SELECT tenant_id, CASE WHEN error IS NULL THEN 'connect_completed' ELSE 'connect_failed' END, provider, user_email,
              credential_id, 'browser', session_id::text, error FROM ended""";

    private static final String FIND = """
            SELECT session_id, tenant_id, provider, user_email, scopes, return_url, accept_other_account, created_by, status, error,
              credential_id, created_at, expires_at
            FROM connect_sessions WHERE session_id = $1::uuid""";

    private static final String PURGE = """
            DELETE FROM connect_sessions WHERE session_id IN (
              SELECT session_id FROM connect_sessions
              WHERE expires_at < clock_timestamp() - $1::bigint * interval '1 millisecond' LIMIT %d)""".formatted(PURGED_AT_ONCE);

    private final Database database;

    ConnectSessionStore(Database database) {
        this.database = database;
    }

    /** Stores a new session. */
    @WithTransaction
    public Uni<Void> add(ConnectSession session, String linkDigest) {
        return persist(ConnectSessionRow.of(session, linkDigest))
                .call(() -> AuditRow.of(session).persist())
                .replaceWithVoid();
    }

    /** The tenant's session {@code id}. */
    @WithSession
    public Uni<Optional<ConnectSession>> get(TenantId tenant, UUID id) {
        return one("id = ?1 and tenant = ?2", id, tenant.value());
    }

    /** The session that a link opens, in any status. */
    @WithSession
    public Uni<Optional<ConnectSession>> byLink(String linkDigest) {
        return one("linkDigest = ?1", linkDigest);
    }

    /** The session {@code id}. A single statement: it is asked for after answers that may come on another context. */
    public Uni<Optional<ConnectSession>> byId(UUID id) {
        return database.find(FIND, Tuple.of(id), ConnectSessionStore::read);
    }

    /** The session {@code id} if it was started by the browser with this digest. */
    public Uni<Optional<ConnectSession>> ofBrowser(UUID id, String browserDigest) {
        return database.find(
                FIND + " AND browser_digest = $2::text", Tuple.of(id, browserDigest), ConnectSessionStore::read);
    }

    /** Binds an unused link to one browser and one state. False when it is used by another browser, finished or expired. */
    public Uni<Boolean> start(String linkDigest, Start start) {
        Tuple values = Tuple.of(
                linkDigest,
                start.browserDigest(),
                start.stateDigest(),
                start.codeVerifier().text(),
                start.redirectUri());
        return database.change(START, values).map(changed -> changed == 1);
    }

    /**
     * Uses up a state, before its code is traded. Empty when the state is unknown, used, expired, of another provider or comes
     * from another browser; nothing changes then.
     */
    public Uni<Optional<Consumed>> consume(String stateDigest, String provider, String browserDigest) {
        return database.first(CONSUME, Tuple.of(stateDigest, provider, browserDigest), ConnectSessionStore::consumed);
    }

    /** Records how an exchange ended: {@code credentialId} or {@code error}. */
    public Uni<Void> finish(UUID id, Optional<UUID> credentialId, Optional<String> error) {
        ConnectSession.Status status =
                credentialId.isPresent() ? ConnectSession.Status.CONNECTED : ConnectSession.Status.FAILED;
        return database.change(FINISH, Tuple.of(id, status.value(), error.orElse(null), credentialId.orElse(null)))
                .replaceWithVoid();
    }

    /** Forgets sessions that expired {@code age} ago; the number of them, 1000 at most. */
    public Uni<Integer> purge(Duration age) {
        return database.change(PURGE, Tuple.of(age.toMillis()));
    }

    private Uni<Optional<ConnectSession>> one(String query, Object... values) {
        return find(query, values)
                .firstResult()
                .map(row -> Optional.ofNullable(row).map(ConnectSessionRow::toSession));
    }

    private static ConnectSession read(Row row) {
        ConnectSessionRow session = new ConnectSessionRow();
        session.id = row.getUUID("session_id");
        session.tenant = row.getString("tenant_id");
        session.provider = row.getString("provider");
        session.user = row.getString("user_email");
        session.scopes = row.getString("scopes");
        session.returnUrl = row.getString("return_url");
        session.acceptOtherAccount = row.getBoolean("accept_other_account");
        session.createdBy = row.getString("created_by");
        session.status = row.getString("status");
        session.error = row.getString("error");
        session.credentialId = row.getUUID("credential_id");
        session.createdAt = row.getOffsetDateTime("created_at").toInstant();
        session.expiresAt = row.getOffsetDateTime("expires_at").toInstant();
        return session.toSession();
    }

    private static Consumed consumed(Row row) {
        return new Consumed(
                row.getUUID("session_id"),
                requireNonNull(Texts.secret(row.getString("encrypted_code_verifier"))),
                row.getString("redirect_uri"));
    }

    /** What a browser takes along to the provider. */
    public record Start(String browserDigest, String stateDigest, SealedSecret codeVerifier, String redirectUri) {}

    /** What is needed to trade the code. */
    public record Consumed(UUID sessionId, SealedSecret codeVerifier, String redirectUri) {}
}
