package io.nexus.oauth.store.execution;

import io.nexus.oauth.credential.AccessLimits;
import io.vertx.mutiny.sqlclient.Tuple;
import java.time.OffsetDateTime;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** A SELECT whose conditions depend on what is asked for. Only fixed texts come into the statement; what is asked for is a value. */
public final class FilteredSelect {

    private final StringBuilder sql;
    private final Tuple values;

    /** {@code select} ends in a condition; its own parameters are {@code values}. */
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

    /** Adds that the pair {@code columns} comes after the pair of values. */
    public FilteredSelect after(String columns, @Nullable OffsetDateTime time, UUID id) {
        values.addValue(time).addValue(id);
        sql.append(" AND %s > ($%d::timestamptz, $%d::uuid)".formatted(columns, values.size() - 1, values.size()));
        return this;
    }

    /** Adds what {@code limits} covers, of rows with a {@code provider} and a {@code user_email}; a row without them is in no part. */
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

    /** The statement, with {@code end} behind its conditions. */
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
