package io.nexus.oauth.store;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.CredentialState;
import io.nexus.oauth.credential.Overview.Counts;
import io.nexus.oauth.credential.Overview.Ending;
import io.nexus.oauth.credential.Overview.Hour;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.nexus.oauth.store.execution.FilteredSelect;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Instant;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Counts one tenant's credentials and refreshes. Single statements; {@link #counts} and {@link #ending} read all rows
 * of the tenant, so they serve a person and not a loop. Non-blocking; fails with {@code StorageException} when the
 * database cannot be used.
 */
@ApplicationScoped
public class OverviewQueries {

    /** A grant ends with its refresh token, or with its access token if it has none. */
    private static final String ENDS_AT =
            "CASE WHEN " + StateSql.NOT_RENEWABLE + " THEN c.expires_at ELSE c.refresh_expires_at END";

    /** A refresh token that lives shorter than the period is replaced at each refresh, so it does not end its grant. */
    private static final String ENDING = """
            c.status = 'active' AND %1$s > $2::timestamptz AND %1$s <= $3::timestamptz
            AND (%2$s
              OR c.refresh_expires_at - c.refresh_end_since > $3::timestamptz - $2::timestamptz)""".formatted(ENDS_AT, StateSql.NOT_RENEWABLE);

    /** An attempt is unresolved from its lease on. One that runs is no failure; an earlier one without a result is. */
    private static final String FAILING = "c.status = 'active' AND c.failures + c.unresolved"
            + " > CASE WHEN c.lease_until > clock_timestamp() THEN 1 ELSE 0 END";

    private static final String COUNTS = """
            SELECT c.provider,
              count(*) FILTER (WHERE c.status = 'active' AND (c.expires_at IS NULL OR c.expires_at > $2::timestamptz)) AS valid,
              count(*) FILTER (WHERE %1$s) AS ending,
              count(*) FILTER (WHERE c.status = 'active' AND c.expires_at <= $2::timestamptz) AS expired,
              count(*) FILTER (WHERE c.status = 'active' AND c.expires_at <= $2::timestamptz
                AND %2$s) AS lapsed,
              count(*) FILTER (WHERE c.status = 'reauth_required') AS ended,
              count(*) FILTER (WHERE c.status = 'revoked') AS revoked,
              %3$s,
              count(*) FILTER (WHERE %4$s) AS failing,
              max(c.last_failed_at) FILTER (WHERE %4$s) AS failed_at,
              (max(ARRAY[c.last_failed_at::text, c.last_error]) FILTER (WHERE %4$s))[2] AS error
            FROM oauth_credentials c WHERE c.tenant_id = $1::text""".formatted(ENDING, StateSql.NOT_RENEWABLE, states(), FAILING);

    private static final String FIRST_ENDING = """
            SELECT c.credential_id, c.provider, c.user_email, %s AS ends_at FROM oauth_credentials c
            WHERE c.tenant_id = $1::text AND %s""".formatted(ENDS_AT, ENDING);

    private static final String REFRESHES = """
            SELECT date_trunc('hour', e.happened_at, 'UTC') AS hour,
              COALESCE(sum(e.times) FILTER (WHERE e.operation = 'token_refreshed'), 0)::bigint AS refreshed,
              COALESCE(sum(e.times) FILTER (WHERE e.operation = 'reauthorization_required'), 0)::bigint AS ended,
              COALESCE(sum(e.times) FILTER (WHERE e.operation = 'token_handed_out'), 0)::bigint AS handed_out
            FROM audit_events e
            WHERE e.tenant_id = $1::text AND e.happened_at >= $2::timestamptz
              AND e.operation IN ('token_refreshed', 'reauthorization_required', 'token_handed_out')""";

    private final Database database;

    OverviewQueries(Database database) {
        this.database = database;
    }

    /**
     * Counts the tenant's credentials in {@code limits} per provider; a grant that ends until {@code soon} is ending.
     */
    public Uni<List<Counts>> counts(TenantId tenant, AccessLimits limits, Instant now, Instant soon) {
        FilteredSelect all = new FilteredSelect(COUNTS, times(tenant, now, soon)).within(limits);
        return database.within(tenant)
                .selectRows(all.sql(" GROUP BY c.provider ORDER BY c.provider"), all.values(), OverviewQueries::counts);
    }

    /** Up to {@code limit} of the credentials that are ending, in the order of expiry. */
    public Uni<List<Ending>> ending(TenantId tenant, AccessLimits limits, Instant now, Instant soon, int limit) {
        FilteredSelect some = new FilteredSelect(FIRST_ENDING, times(tenant, now, soon)).within(limits);
        return database.within(tenant)
                .selectRows(
                        some.sql(" ORDER BY ends_at, c.credential_id LIMIT " + limit),
                        some.values(),
                        row -> new Ending(
                                row.getUUID("credential_id"),
                                row.getString("provider"),
                                row.getString("user_email"),
                                row.getOffsetDateTime("ends_at").toInstant()));
    }

    /** Counts the refreshes and issued tokens in the audit trail since {@code from}, per hour; hours without any are omitted. */
    public Uni<List<Hour>> refreshes(TenantId tenant, AccessLimits limits, Instant from) {
        FilteredSelect lines = new FilteredSelect(
                        REFRESHES,
                        Tuple.tuple().addString(tenant.value()).addOffsetDateTime(ColumnTexts.ofInstant(from)))
                .within(limits);
        return database.within(tenant)
                .selectRows(
                        lines.sql(" GROUP BY 1 ORDER BY 1"),
                        lines.values(),
                        row -> new Hour(
                                row.getOffsetDateTime("hour").toInstant(),
                                row.getLong("refreshed"),
                                row.getLong("ended"),
                                row.getLong("handed_out")));
    }

    private static String states() {
        return Stream.of(CredentialState.values())
                .map(state -> "count(*) FILTER (WHERE %s) AS in_%s"
                        .formatted(StateSql.of(state, "$2::timestamptz"), state.value()))
                .collect(Collectors.joining(", "));
    }

    private static Tuple times(TenantId tenant, Instant now, Instant soon) {
        return Tuple.tuple()
                .addString(tenant.value())
                .addOffsetDateTime(ColumnTexts.ofInstant(now))
                .addOffsetDateTime(ColumnTexts.ofInstant(soon));
    }

    private static Counts counts(Row row) {
        return new Counts(
                row.getString("provider"),
                row.getLong("valid"),
                row.getLong("ending"),
                row.getLong("expired"),
                row.getLong("lapsed"),
                row.getLong("ended"),
                row.getLong("revoked"),
                Stream.of(CredentialState.values())
                        .collect(Collectors.toMap(state -> state, state -> row.getLong("in_" + state.value()))),
                row.getLong("failing"),
                ColumnTexts.instant(row.getOffsetDateTime("failed_at")),
                row.getString("error"));
    }
}
