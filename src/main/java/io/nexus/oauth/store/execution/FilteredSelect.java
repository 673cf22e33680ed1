package io.nexus.oauth.store.execution;

import io.nexus.oauth.credential.AccessLimits;
import io.vertx.mutiny.sqlclient.Tuple;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A SELECT with optional conditions. Only constant texts become part of the statement; all input is passed as
 * parameters.
 */
public final class FilteredSelect {

    /**
     * Ends a statement whose best plan depends on its values. It is planned at each execution: the general plan of a prepared
     * statement would read all rows to find a few.
     */
    public static final String PLANNED_EACH_TIME = " -- planned each time";

    private final StringBuilder sql;
    private final Tuple values;

    /** {@code select} ends with a condition; {@code values} are its own parameters. */
    public FilteredSelect(String select, Tuple values) {
        this.sql = new StringBuilder(select);
        this.values = values;
    }

    /** Adds {@code condition}, with {@code %d} for the number of its parameter, unless {@code value} is null. */
    public FilteredSelect and(String condition, @Nullable Object value) {
        if (value != null) {
            values.addValue(value);
            sql.append(" AND ").append(condition.formatted(values.size()));
        }
        return this;
    }

    /**
     * Adds the condition that the pair {@code columns} comes after the pair of values: {@code comparison} has {@code %d} for the
     * numbers of both parameters, such as {@code > ($%d::timestamptz, $%d::uuid)}.
     */
    public FilteredSelect after(String columns, String comparison, @Nullable Object first, UUID id) {
        values.addValue(first).addValue(id);
        sql.append(" AND ").append(columns).append(' ').append(comparison.formatted(values.size() - 1, values.size()));
        return this;
    }

    /**
     * Adds the condition that a row is in {@code limits}, by its {@code provider} and {@code user_email}. A row without
     * them is only in unlimited limits.
     */
    public FilteredSelect within(AccessLimits limits) {
        if (limits.isAll()) {
            return this;
        }
        sql.append(" AND provider IS NOT NULL AND user_email IS NOT NULL AND (false");
        for (AccessLimits.Part part : limits.parts()) {
            sql.append(" OR (true");
            and("provider = ANY($%d::text[])", array(part.providers()));
            and("user_email = ANY($%d::text[])", array(part.users()));
            sql.append(')');
        }
        sql.append(')');
        return this;
    }

    /** The statement, with {@code end} after its conditions. */
    public String sql(String end) {
        return sql + end;
    }

    public Tuple values() {
        return values;
    }

    private static String @Nullable [] array(@Nullable Set<String> texts) {
        return texts == null ? null : texts.toArray(String[]::new);
    }
}
