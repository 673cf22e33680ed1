package io.nexus.oauth.store;

import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.audit.AuditInsert;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Stores connect sessions. It knows link, state and cookie only by their digests. Each transition is one statement with
 * a condition on the old status, so one of several concurrent attempts wins. Non-blocking; fails with {@code
 * StorageException}.
 */
@ApplicationScoped
public class ConnectSessionStore {

    /** The highest number of sessions that one {@link #purge} removes. */
    public static final int PURGE_BATCH = 1000;

    /** How long a state is valid, and with it the time that a person has at the provider. Each start of the link renews it. */
    static final Duration STATE_LIFETIME = Duration.ofHours(1);

    /**
     * Checks the quota and inserts in one statement, so that two concurrent callers do not both get the last place. The digests of a
     * session that expects an account begin with {@code !}: replicas of a release that does not compare accounts find nothing.
     */
    private static final String ADD = """
            WITH gate AS MATERIALIZED (
              SELECT refusal, wait_ms
              FROM admit_connect_session($3::text, $4::text, $5::text, $9::text, $13::bigint, $14::bigint, $15::bigint)),
            added AS (
              INSERT INTO connect_sessions (session_id, link_digest, tenant_id, provider, user_email, scopes, return_url,
                accept_other_account, created_by, status, created_at, expires_at, opener_origin, expected_account,
                resources, authorization_details)
              SELECT $1::uuid, CASE WHEN $17::text IS NULL THEN $2::text ELSE '!' || $2::text END, $3::text, $4::text, $5::text,
                $6::text, $7::text, $8::boolean, $9::text, $10::text, $11::timestamptz, $12::timestamptz, $16::text, $17::text,
                $18::text, $19::text
              FROM gate WHERE refusal IS NULL
              RETURNING tenant_id, provider, user_email, created_by, session_id),
            logged AS (
              %s)
            SELECT refusal, wait_ms FROM gate""".formatted(AuditInsert.of("'connect_created'", "created_by")
            .ofAccount()
            .subject("session_id::text")
            .from("added"));

    /** The actor is {@code browser}, because the service does not know the person's name. */
    private static final String BIND = """
            WITH started AS (
              UPDATE connect_sessions SET status = 'started', error = NULL, browser_digest = $2::text,
                state_digest = CASE WHEN expected_account IS NULL THEN $3::text ELSE '!' || $3::text END,
                encrypted_code_verifier = $4::text, redirect_uri = $5::text, client_vars = $6::text,
                state_expires_at = clock_timestamp() + $7::bigint * interval '1 millisecond'
              WHERE expires_at > clock_timestamp() AND %s
              RETURNING tenant_id, provider, user_email, session_id)
            """
            + AuditInsert.of("'connect_started'", "'browser'")
                    .ofAccount()
                    .subject("session_id::text")
                    .from("started");

    private static final String START = BIND.formatted(
            "link_digest IN ($1::text, '!' || $1::text) AND (status = 'created' OR (status = 'started' AND browser_digest = $2::text))");

    /** A person who refused, or chose an unexpected account, may try again in the browser that the link is bound to, as long as the link is valid. */
    private static final String START_AGAIN = BIND.formatted(
            "session_id = $1::uuid AND status = 'failed' AND error IN ('access_denied', 'unexpected_account') AND browser_digest = $2::text");

    private static final String CONSUME = """
            UPDATE connect_sessions SET status = 'exchanging', state_digest = NULL, state_expires_at = clock_timestamp()
            WHERE state_digest IN ($1::text, '!' || $1::text) AND provider = $2::text AND browser_digest = $3::text AND status = 'started'
              AND COALESCE(state_expires_at, expires_at) > clock_timestamp()
            RETURNING session_id, encrypted_code_verifier, redirect_uri, client_vars""";

    private static final String FINISH = """
            WITH ended AS (
              UPDATE connect_sessions SET status = $2::text, error = $3::text, credential_id = $4::uuid,
                encrypted_code_verifier = NULL
              WHERE session_id = $1::uuid AND status = 'exchanging'
              RETURNING tenant_id, provider, user_email, credential_id, error, session_id)
            %s""".formatted(AuditInsert.of(
                    "CASE WHEN error IS NULL THEN 'connect_completed' ELSE 'connect_failed' END", "'browser'")
            .ofCredential()
            .subject("session_id::text")
            .detail("error")
            .from("ended"));

    private static final String END_INTERRUPTED = """
            WITH ended AS (
              UPDATE connect_sessions SET status = 'failed', error = 'interrupted', encrypted_code_verifier = NULL
              WHERE session_id IN (
                SELECT session_id FROM connect_sessions
                WHERE status = 'exchanging'
                  AND COALESCE(state_expires_at, expires_at) < clock_timestamp() - $1::bigint * interval '1 millisecond'
                LIMIT %d FOR UPDATE SKIP LOCKED)
              RETURNING tenant_id, provider, user_email, credential_id, error, session_id)
            %s""".formatted(
                    PURGE_BATCH,
                    AuditInsert.of("'connect_failed'", "'system'")
                            .ofCredential()
                            .subject("session_id::text")
                            .detail("error")
                            .from("ended"));

    private static final String FIND = """
            SELECT session_id, tenant_id, provider, user_email, scopes, return_url, opener_origin, accept_other_account, expected_account,
              resources, authorization_details, created_by, status, error, credential_id, created_at, %s AS expires_at
            FROM connect_sessions WHERE\s""";

    private static final String BY_ID =
            FIND.formatted("GREATEST(expires_at, state_expires_at)") + "session_id = $1::uuid";

    /** The link expires by itself, whatever state a browser has. */
    private static final String BY_LINK = FIND.formatted("expires_at") + "link_digest IN ($1::text, '!' || $1::text)";

    private static final String PURGE = """
            DELETE FROM connect_sessions WHERE session_id IN (
              SELECT session_id FROM connect_sessions
              WHERE expires_at < clock_timestamp() - $1::bigint * interval '1 millisecond'
                AND COALESCE(state_expires_at, expires_at) < clock_timestamp() - $1::bigint * interval '1 millisecond'
              LIMIT %d)""".formatted(PURGE_BATCH);

    private final Database database;
    private final Quotas quotas;

    ConnectSessionStore(Database database, Quotas quotas) {
        this.database = database;
        this.quotas = quotas;
    }

    /**
     * Stores a new session. Fails with {@link CredentialException.QuotaExceeded} when the tenant or the caller has too
     * many open sessions, or when the tenant cannot store another credential; then nothing changes.
     */
    public Uni<Void> add(ConnectSession session, String linkDigest) {
        Tuple values = Tuple.tuple()
                .addUUID(session.id())
                .addString(linkDigest)
                .addString(session.account().tenant().value())
                .addString(session.account().provider())
                .addString(session.account().user())
                .addString(session.scopes().join(" "))
                .addString(session.returnUrl())
                .addBoolean(session.acceptOtherAccount())
                .addString(session.createdBy())
                .addString(session.status().value())
                .addOffsetDateTime(ColumnTexts.ofInstant(session.createdAt()))
                .addOffsetDateTime(ColumnTexts.ofInstant(session.expiresAt()))
                .addLong(quotas.connectSessionsPerTenant())
                .addLong(ownLimit(session))
                .addLong(quotas.credentialsPerTenant())
                .addString(session.origin())
                .addString(session.expectedAccount())
                .addString(session.wanted().resourceText())
                .addString(session.wanted().authorizationDetails());
        return database.executeForRow(ADD, values, ConnectSessionRows::refusal)
                .map(Optional::orElseThrow)
                .invoke(refusal -> refusal.ifPresent(refused -> {
                    throw refused;
                }))
                .replaceWithVoid();
    }

    /** The tenant's session {@code id}; empty when there is none. */
    public Uni<Optional<ConnectSession>> get(TenantId tenant, UUID id) {
        return database.within(tenant)
                .selectRow(
                        BY_ID + " AND tenant_id = $2::text", Tuple.of(id, tenant.value()), ConnectSessionRows::session);
    }

    /** The session of a link, in any status; empty when there is none. */
    public Uni<Optional<ConnectSession>> byLink(String linkDigest) {
        return database.selectRow(BY_LINK, Tuple.of(linkDigest), ConnectSessionRows::session);
    }

    /** The session {@code id}; empty when there is none. */
    public Uni<Optional<ConnectSession>> byId(UUID id) {
        return database.selectRow(BY_ID, Tuple.of(id), ConnectSessionRows::session);
    }

    /** The session {@code id} if the browser with this digest started it. */
    public Uni<Optional<ConnectSession>> ofBrowser(UUID id, String browserDigest) {
        return database.selectRow(
                BY_ID + " AND browser_digest = $2::text", Tuple.of(id, browserDigest), ConnectSessionRows::session);
    }

    /**
     * Binds an unused link to one browser and one state. Returns false when another browser uses it, or when it is
     * finished or expired.
     */
    public Uni<Boolean> start(String linkDigest, Start start) {
        return start(START, Tuple.of(linkDigest), start);
    }

    /**
     * As {@link #start}, for the session {@code id} that ended by the person's choice. Returns false when the
     * browser is another one, when the session did not end so, or when its link has expired.
     */
    public Uni<Boolean> startAgain(UUID id, Start start) {
        return start(START_AGAIN, Tuple.of(id), start);
    }

    private Uni<Boolean> start(String statement, Tuple key, Start start) {
        Tuple values = key.addString(start.browserDigest())
                .addString(start.stateDigest())
                .addString(start.codeVerifier().text())
                .addString(start.redirectUri())
                .addString(ColumnTexts.ofMap(start.clientVars()))
                .addLong(STATE_LIFETIME.toMillis());
        return database.executeUpdate(statement, values).map(changed -> changed == 1);
    }

    /**
     * Consumes a state before the service exchanges its code. Empty when the state is unknown, used, expired, of
     * another provider or from another browser; then nothing changes.
     */
    public Uni<Optional<Consumed>> consume(String stateDigest, String provider, String browserDigest) {
        return database.executeForRow(
                CONSUME, Tuple.of(stateDigest, provider, browserDigest), ConnectSessionRows::consumed);
    }

    /** Records the result of a code exchange: {@code credentialId} or {@code error}. */
    public Uni<Void> finish(UUID id, Optional<UUID> credentialId, Optional<String> error) {
        ConnectSession.Status status =
                credentialId.isPresent() ? ConnectSession.Status.CONNECTED : ConnectSession.Status.FAILED;
        return database.executeUpdate(
                        FINISH, Tuple.of(id, status.value(), error.orElse(null), credentialId.orElse(null)))
                .replaceWithVoid();
    }

    /**
     * Ends sessions that have exchanged a code for at least {@code age}: nobody works on them any more. Returns their
     * number, {@link #PURGE_BATCH} at most.
     */
    public Uni<Integer> endInterrupted(Duration age) {
        return database.executeUpdate(END_INTERRUPTED, Tuple.of(age.toMillis()));
    }

    /** Deletes sessions that expired at least {@code age} ago; returns their number, {@link #PURGE_BATCH} at most. */
    public Uni<Integer> purge(Duration age) {
        return database.executeUpdate(PURGE, Tuple.of(age.toMillis()));
    }

    /** The values that the service binds to a session when it redirects the browser to the provider. */
    public record Start(
            String browserDigest,
            String stateDigest,
            SealedSecret codeVerifier,
            String redirectUri,
            Map<String, String> clientVars) {}

    /** The values that the service needs to exchange the code at the provider. */
    public record Consumed(
            UUID sessionId, SealedSecret codeVerifier, String redirectUri, Map<String, String> clientVars) {}

    /** A person may make fewer links than an application, so that nobody uses up the tenant's quota. */
    private @Nullable Long ownLimit(ConnectSession session) {
        return session.createdBy().startsWith(ConnectSession.BY_USER)
                ? Long.valueOf(ConnectSession.MAX_OWN_LINKS)
                : quotas.connectSessionsPerCaller();
    }
}
