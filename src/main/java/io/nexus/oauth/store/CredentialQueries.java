package io.nexus.oauth.store;

import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialFilter;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.nexus.oauth.store.execution.FilteredSelect;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;

/** Lists credentials page by page. Non-blocking; fails with {@code StorageException} when the database cannot be used. */
@ApplicationScoped
public class CredentialQueries {

    private static final String PAGE =
            "SELECT " + CredentialReader.COLUMNS + " FROM oauth_credentials c WHERE c.tenant_id = $1::text";

    private static final String CREATION = "(c.created_at, c.credential_id)";

    /** By bytes: then the texts with one beginning are one range of the index. */
    private static final String USER = "c.user_email COLLATE \"C\"";

    /** It sorts behind all others, so it ends the range of a beginning. */
    private static final String LAST_CHARACTER = Character.toString(Character.MAX_CODE_POINT);

    private static final String COUNT = "SELECT credentials FROM tenant_counts WHERE tenant_id = $1::text";

    private final Database database;
    private final Quotas quotas;

    CredentialQueries(Database database, Quotas quotas) {
        this.database = database;
        this.quotas = quotas;
    }

    /**
     * Fails with {@link CredentialException.QuotaExceeded} while the tenant has no room for one more credential. The store of a
     * credential checks it again; this look saves the provider a request whose tokens could not be stored.
     */
    public Uni<Void> requireRoom(TenantId tenant) {
        Long most = quotas.credentialsPerTenant();
        return most == null
                ? Uni.createFrom().voidItem()
                : database.within(tenant)
                        .selectRow(COUNT, Tuple.of(tenant.value()), row -> row.getLong("credentials"))
                        .invoke(present -> {
                            if (present.orElse(0L) >= most) {
                                throw CredentialException.QuotaExceeded.ofCredentials("credentials_per_tenant");
                            }
                        })
                        .replaceWithVoid();
    }

    /**
     * The next {@code limit} credentials of {@code tenant} that match {@code filter}, in its order.
     * Keyset paging: concurrent inserts and deletes neither repeat nor hide other rows.
     */
    public Uni<List<StoredCredential>> page(TenantId tenant, CredentialFilter filter, int limit) {
        CredentialStatus status = filter.status();
        CredentialFilter.Position after = filter.after();
        CredentialFilter.StateAt state = filter.state();
        FilteredSelect page = new FilteredSelect(PAGE, Tuple.of(tenant.value()))
                .and("c.provider = $%d::text", filter.provider())
                .and("c.user_email = $%d::text", filter.user())
                .and("c.status = $%d::text", status == null ? null : status.value())
                .within(filter.limits());
        if (state != null) {
            page.and(StateSql.of(state.state(), "$%1$d::timestamptz"), ColumnTexts.ofInstant(state.now()));
        }
        String prefix = filter.userPrefix();
        if (prefix != null) {
            page.and(USER + " >= $%d::text", prefix).and(USER + " < $%d::text", prefix + LAST_CHARACTER);
        }
        if (after != null) {
            after(page, filter.order(), after);
        }
        boolean selective = state != null || prefix != null;
        return database.within(tenant)
                .selectRows(
                        page.sql(" ORDER BY " + order(filter.order()) + " LIMIT " + limit
                                + (selective ? FilteredSelect.PLANNED_EACH_TIME : "")),
                        page.values(),
                        CredentialReader::read);
    }

    private static void after(FilteredSelect page, CredentialFilter.Order order, CredentialFilter.Position last) {
        switch (order) {
            case OLDEST ->
                page.after(
                        CREATION,
                        "> ($%d::timestamptz, $%d::uuid)",
                        ColumnTexts.ofInstant(last.createdAt()),
                        last.id());
            case NEWEST ->
                page.after(
                        CREATION,
                        "< ($%d::timestamptz, $%d::uuid)",
                        ColumnTexts.ofInstant(last.createdAt()),
                        last.id());
            case USER ->
                page.after("(" + USER + ", c.credential_id)", "> ($%d::text, $%d::uuid)", last.user(), last.id());
        }
    }

    private static String order(CredentialFilter.Order order) {
        return switch (order) {
            case OLDEST -> "c.created_at, c.credential_id";
            case NEWEST -> "c.created_at DESC, c.credential_id DESC";
            case USER -> USER + ", c.credential_id";
        };
    }
}
