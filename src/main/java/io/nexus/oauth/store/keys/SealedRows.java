package io.nexus.oauth.store.keys;

import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.connection.Database;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Visits all sealed rows in pages by primary key, so that each statement is short however many rows are stored.
 * Non-blocking; fails with {@code StorageException}.
 */
@ApplicationScoped
public class SealedRows {

    private final Database database;

    SealedRows(Database database) {
        this.database = database;
    }

    /**
     * The next {@code limit} rows after {@code after}, and of them those with a text under another key than {@code
     * keyId}.
     */
    public Uni<Page> page(SealedTable table, RowKey after, String keyId, int limit) {
        Tuple values = values(after).addInteger(limit).addString(keyId);
        return database.selectRows(table.pageSql(), values, SealedRows::row)
                .map(rows -> new Page(
                        rows.size() < limit,
                        rows.isEmpty() ? after : rows.getLast().key(),
                        rows.stream().filter(SealedRow::outdated).toList()));
    }

    /**
     * Replaces the texts of rows that have not changed since they were read; returns their primary keys. Skips a row
     * that changed or that another transaction has locked.
     */
    public Uni<Set<RowKey>> replace(SealedTable table, List<Replacement> replacements) {
        Tuple values = Tuple.tuple()
                .addArrayOfString(texts(replacements, each -> each.row().key().firstColumn()))
                .addArrayOfString(texts(replacements, each -> each.row().key().secondColumn()))
                .addArrayOfString(texts(replacements, each -> each.row().first()))
                .addArrayOfString(texts(replacements, each -> each.row().second()))
                .addArrayOfString(texts(replacements, Replacement::first))
                .addArrayOfString(texts(replacements, Replacement::second));
        return database.executeForRows(
                        table.replaceSql(), values, row -> new RowKey(row.getString("a"), row.getString("b")))
                .map(Set::copyOf);
    }

    /** Counts the next {@code limit} rows after {@code after} by their keys; empty after the last row. */
    public Uni<List<Count>> count(SealedTable table, RowKey after, int limit) {
        return database.selectRows(
                table.countSql(),
                values(after).addInteger(limit),
                row -> new Count(
                        row.getString("first"),
                        row.getString("second"),
                        row.getLong("rows"),
                        new RowKey(row.getString("a"), row.getString("b"))));
    }

    private static Tuple values(RowKey key) {
        return Tuple.tuple().addString(key.firstColumn()).addString(key.secondColumn());
    }

    private static String[] texts(List<Replacement> all, Function<Replacement, @Nullable String> part) {
        return all.stream().map(part).toArray(String[]::new);
    }

    private static SealedRow row(Row row) {
        return new SealedRow(
                new RowKey(row.getString("a"), row.getString("b")),
                new TenantId(row.getString("tenant_id")),
                row.getString("place_owner"),
                row.getString("vars"),
                row.getBoolean("outdated"),
                row.getString("first"),
                row.getString("second"));
    }

    /** A primary key of one or two columns; the second is empty where there is one. Also the position in a table. */
    public record RowKey(String firstColumn, String secondColumn) {}

    /**
     * A row of a page.
     *
     * @param key its primary key
     * @param tenant the tenant of the row
     * @param placeOwner the owner in the {@code SecretPlace} for which its texts are sealed
     * @param varsText the client's variables in that place as they are stored
     * @param outdated whether one of its texts is under another key than the requested one
     * @param first the sealed texts as they are stored; null when there is none, or the row is not outdated
     * @param second as {@code first}
     */
    public record SealedRow(
            RowKey key,
            TenantId tenant,
            String placeOwner,
            String varsText,
            boolean outdated,
            @Nullable String first,
            @Nullable String second) {

        /**
         * The client's variables. Throws {@link IllegalArgumentException} when the stored text is not a map of texts.
         */
        public Map<String, String> vars() {
            try {
                return Map.copyOf(ColumnTexts.map(varsText));
            } catch (IllegalStateException | NullPointerException e) {
                throw new IllegalArgumentException("the stored variables are not a map of texts", e);
            }
        }

        /** Prints the primary key, not the texts. */
        @Override
        public String toString() {
            return "SealedRow[" + key + "]";
        }
    }

    /** A row with its new texts. */
    public record Replacement(
            SealedRow row, @Nullable String first, @Nullable String second) {}

    /**
     * One page of rows.
     *
     * @param last whether this is the last page
     * @param end the last row of the page
     * @param outdated the rows with a text under another key
     */
    public record Page(boolean last, RowKey end, List<SealedRow> outdated) {}

    /**
     * The number of rows of a page under the same keys.
     *
     * @param first the key of the first text; {@code unreadable} when the text names none, null when there is no text
     * @param second the key of the second text
     * @param end the last row of the page
     */
    public record Count(@Nullable String first, @Nullable String second, long rows, RowKey end) {}
}
