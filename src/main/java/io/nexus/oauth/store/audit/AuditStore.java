package io.nexus.oauth.store.audit;

import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.event.AuditEntry;
import io.nexus.oauth.event.AuditFilter;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.nexus.oauth.store.execution.FilteredSelect;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the audit trail and adds events that belong to no change. Uses single statements, because an export runs where
 * no database session is available. Non-blocking; fails with {@code StorageException} when the database cannot be used.
 */
@ApplicationScoped
public class AuditStore {

    static final String COLUMNS = """
            e.event_id, e.happened_at, e.tenant_id, e.operation, e.credential_id, e.provider, e.user_email, e.actor, e.detail,
            e.subject, e.source, e.token_version, e.times, e.token_fingerprint""";

    private static final String PAGE = "SELECT " + COLUMNS + " FROM audit_events e WHERE ";

    private static final String ISSUED_TOKENS =
            PAGE + "e.token_fingerprint = ANY($1::text[]) AND e.tenant_id = $2::text ORDER BY e.event_id LIMIT $3::int";

    private static final String ADD = """
            INSERT INTO audit_events (happened_at, tenant_id, operation, credential_id, provider, user_email, actor, detail,
              subject, source, token_version, times, token_fingerprint)
            SELECT * FROM unnest($1::timestamptz[], $2::text[], $3::text[], $4::uuid[], $5::text[], $6::text[], $7::text[],
              $8::text[], $9::text[], $10::text[], $11::bigint[], $12::bigint[], $13::text[])""";

    private final Database database;

    AuditStore(Database database) {
        this.database = database;
    }

    /** Up to {@code limit} events of {@code tenant} that match {@code filter}, in its order. */
    public Uni<List<AuditEntry>> page(TenantId tenant, AuditFilter filter, int limit) {
        boolean down = filter.newestFirst();
        long after = down && filter.after() == 0 ? Long.MAX_VALUE : filter.after();
        FilteredSelect page = new FilteredSelect(
                        PAGE + "e.tenant_id = $1::text AND e.event_id " + (down ? '<' : '>') + " $2::bigint",
                        Tuple.of(tenant.value(), after))
                .and("e.operation = $%d::text", filter.operation())
                .and("e.provider = $%d::text", filter.provider())
                .and("e.user_email = $%d::text", filter.user())
                .and("e.credential_id = $%d::uuid", filter.credentialId())
                .and("e.actor = $%d::text", filter.actor())
                .and("e.happened_at >= $%d::timestamptz", ColumnTexts.ofInstant(filter.from()))
                .and("e.happened_at < $%d::timestamptz", ColumnTexts.ofInstant(filter.to()))
                .within(filter.limits());
        return database.within(tenant)
                .selectRows(
                        page.sql(" ORDER BY e.event_id " + (down ? "DESC" : "ASC") + " LIMIT " + limit),
                        page.values(),
                        AuditStore::read);
    }

    /** Up to {@code limit} events that issued a token with one of these fingerprints in the tenant, oldest first. */
    public Uni<List<AuditEntry>> issuedTokens(TenantId tenant, List<String> fingerprints, int limit) {
        Tuple values = Tuple.tuple()
                .addArrayOfString(fingerprints.toArray(String[]::new))
                .addString(tenant.value())
                .addInteger(limit);
        return database.within(tenant).selectRows(ISSUED_TOKENS, values, AuditStore::read);
    }

    /** Adds events; the database assigns their numbers. */
    public Uni<Void> add(List<AuditEntry> entries) {
        Tuple values = Tuple.tuple()
                .addArrayOfOffsetDateTime(
                        entries.stream().map(e -> ColumnTexts.ofInstant(e.at())).toArray(OffsetDateTime[]::new))
                .addArrayOfString(texts(entries, e -> e.tenant().value()))
                .addArrayOfString(texts(entries, AuditEntry::operation))
                .addArrayOfUUID(entries.stream().map(AuditEntry::credentialId).toArray(UUID[]::new))
                .addArrayOfString(texts(entries, AuditEntry::provider))
                .addArrayOfString(texts(entries, AuditEntry::user))
                .addArrayOfString(texts(entries, AuditEntry::actor))
                .addArrayOfString(texts(entries, AuditEntry::detail))
                .addArrayOfString(texts(entries, AuditEntry::subject))
                .addArrayOfString(texts(entries, AuditEntry::source))
                .addArrayOfLong(entries.stream().map(AuditEntry::version).toArray(Long[]::new))
                .addArrayOfLong(entries.stream().map(AuditEntry::times).toArray(Long[]::new))
                .addArrayOfString(texts(entries, AuditEntry::fingerprint));
        return database.executeUpdate(ADD, values).replaceWithVoid();
    }

    private static String[] texts(List<AuditEntry> entries, Function<AuditEntry, @Nullable String> field) {
        return entries.stream().map(field).toArray(String[]::new);
    }

    private static AuditEntry read(Row row) {
        return new AuditEntry(
                row.getLong("event_id"),
                row.getOffsetDateTime("happened_at").toInstant(),
                new TenantId(row.getString("tenant_id")),
                row.getString("operation"),
                row.getUUID("credential_id"),
                row.getString("provider"),
                row.getString("user_email"),
                row.getString("actor"),
                row.getString("detail"),
                row.getString("subject"),
                row.getString("source"),
                row.getLong("token_version"),
                row.getLong("times"),
                row.getString("token_fingerprint"));
    }
}
