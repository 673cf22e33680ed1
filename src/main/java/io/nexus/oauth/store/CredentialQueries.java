package io.nexus.oauth.store;

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

    private final Database database;

    CredentialQueries(Database database) {
        this.database = database;
    }

    /**
     * The next {@code limit} credentials of {@code tenant} that match {@code filter}, in the order of their creation.
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
        if (after != null) {
            page.after("(c.created_at, c.credential_id)", ColumnTexts.ofInstant(after.createdAt()), after.id());
        }
        return database.within(tenant)
                .selectRows(
                        page.sql(" ORDER BY c.created_at, c.credential_id LIMIT " + limit
                                + (state == null ? "" : FilteredSelect.PLANNED_EACH_TIME)),
                        page.values(),
                        CredentialReader::read);
    }
}
