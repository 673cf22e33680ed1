package io.nexus.oauth.store;

import io.nexus.oauth.credential.StorageException;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.sqlclient.Pool;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import io.vertx.mutiny.sqlclient.Tuple;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.StreamSupport;

/**
 * Single prepared statements on the reactive PG client: one round trip, one implicit transaction, no session and no thread
 * affinity. The refresh protocol stands on these.
 */
@ApplicationScoped
class Database {

    private final Pool pool;

    Database(Pool pool) {
        this.pool = pool;
    }

    <T> Uni<Optional<T>> first(String sql, Tuple values, Function<Row, T> reader) {
        return run(sql, values).map(rows -> stream(rows, reader).findFirst());
    }

    <T> Uni<List<T>> all(String sql, Tuple values, Function<Row, T> reader) {
        return run(sql, values).map(rows -> stream(rows, reader).toList());
    }

    /** The number of rows changed. */
    Uni<Integer> change(String sql, Tuple values) {
        return run(sql, values).map(RowSet::rowCount);
    }

    private Uni<RowSet<Row>> run(String sql, Tuple values) {
        return pool.preparedQuery(sql).execute(values).onFailure().transform(StorageException::of);
    }

    private static <T> java.util.stream.Stream<T> stream(RowSet<Row> rows, Function<Row, T> reader) {
        return StreamSupport.stream(rows.spliterator(), false).map(reader);
    }
}
