package io.nexus.oauth.store;

import static java.util.Objects.requireNonNull;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.GrantRequest;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.ConnectSessionStore.Consumed;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.vertx.mutiny.sqlclient.Row;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Reads the rows of connect sessions. */
final class ConnectSessionRows {

    /** The longest {@code Retry-After}: most links are used long before they expire. */
    private static final Duration MAX_WAIT = Duration.ofMinutes(10);

    private ConnectSessionRows() {}

    static Optional<CredentialException> refusal(Row row) {
        String limit = row.getString("refusal");
        if (limit == null) {
            return Optional.empty();
        }
        Long wait = row.getLong("wait_ms");
        return Optional.of(
                wait == null
                        ? CredentialException.QuotaExceeded.ofCredentials(limit)
                        : CredentialException.QuotaExceeded.ofConnectSessions(
                                limit, Duration.ofMillis(Math.min(wait, MAX_WAIT.toMillis()))));
    }

    static ConnectSession session(Row row) {
        return new ConnectSession(
                row.getUUID("session_id"),
                new AccountKey(
                        new TenantId(row.getString("tenant_id")),
                        row.getString("provider"),
                        row.getString("user_email")),
                ColumnTexts.scopes(row.getString("scopes")),
                row.getString("return_url"),
                row.getString("opener_origin"),
                row.getBoolean("accept_other_account"),
                row.getString("expected_account"),
                wanted(row),
                row.getString("created_by"),
                ConnectSession.Status.valueOf(row.getString("status").toUpperCase(Locale.ROOT)),
                row.getString("error"),
                row.getUUID("credential_id"),
                row.getOffsetDateTime("created_at").toInstant(),
                row.getOffsetDateTime("expires_at").toInstant());
    }

    private static GrantRequest wanted(Row row) {
        String resources = row.getString("resources");
        return new GrantRequest(
                resources == null || resources.isEmpty() ? List.of() : List.of(resources.split(" ")),
                row.getString("authorization_details"));
    }

    static Consumed consumed(Row row) {
        return new Consumed(
                row.getUUID("session_id"),
                requireNonNull(ColumnTexts.secret(row.getString("encrypted_code_verifier"))),
                row.getString("redirect_uri"),
                ColumnTexts.map(row.getString("client_vars")));
    }
}
