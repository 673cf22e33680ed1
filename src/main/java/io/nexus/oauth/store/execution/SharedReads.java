package io.nexus.oauth.store.execution;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Lets concurrent callers with the same query share statements: a thousand callers of one credential cause two
 * statements. A caller never gets the result of a statement that was sent before its call; it shares the next one. So
 * the result contains everything that was committed before the call. Thread-safe.
 */
final class SharedReads {

    /** The statement and its parameters. */
    record Question(String sql, List<Object> values) {}

    private static final class Running {
        @Nullable Promise<RowSet<Row>> next;
    }

    private final Map<Question, Running> running = new HashMap<>(); // guarded by this

    /** The result of {@code question}; {@code statement} sends it. Completes on any thread. */
    Future<RowSet<Row>> ask(Question question, Supplier<Future<RowSet<Row>>> statement) {
        synchronized (this) {
            Running current = running.get(question);
            if (current != null) {
                if (current.next == null) {
                    current.next = Promise.promise();
                }
                return current.next.future();
            }
            running.put(question, new Running());
        }
        return send(question, statement);
    }

    private Future<RowSet<Row>> send(Question question, Supplier<Future<RowSet<Row>>> statement) {
        Future<RowSet<Row>> answer;
        try {
            answer = statement.get();
        } catch (RuntimeException e) {
            answer = Future.failedFuture(e); // otherwise later callers would wait for a statement that never ends
        }
        return answer.onComplete(ignored -> completed(question, statement));
    }

    private void completed(Question question, Supplier<Future<RowSet<Row>>> statement) {
        Promise<RowSet<Row>> next;
        synchronized (this) {
            Running current = running.get(question);
            next = current == null ? null : current.next;
            if (next == null) {
                running.remove(question);
                return;
            }
            running.put(question, new Running());
        }
        send(question, statement).onComplete(next);
    }

    /** The number of different running queries. */
    synchronized int size() {
        return running.size();
    }
}
