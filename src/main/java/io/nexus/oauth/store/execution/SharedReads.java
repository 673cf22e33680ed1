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
 * Lets everybody who asks the same at the same time share one statement: a thousand callers of one credential are two. Nobody gets an
 * answer to a statement that was sent before they asked: who comes while one runs shares the next, so that what was written before
 * the question is in the answer.
 */
final class SharedReads {

    /** What is asked. */
    record Question(String sql, List<Object> values) {}

    private static final class Turn {
        @Nullable Promise<RowSet<Row>> next;
    }

    private final Map<Question, Turn> turns = new HashMap<>(); // guarded by this

    /** The answer; {@code statement} sends it anew each time. Completes on any thread. */
    Future<RowSet<Row>> ask(Question question, Supplier<Future<RowSet<Row>>> statement) {
        synchronized (this) {
            Turn turn = turns.get(question);
            if (turn != null) {
                if (turn.next == null) {
                    turn.next = Promise.promise();
                }
                return turn.next.future();
            }
            turns.put(question, new Turn());
        }
        return send(question, statement);
    }

    private Future<RowSet<Row>> send(Question question, Supplier<Future<RowSet<Row>>> statement) {
        Future<RowSet<Row>> answer;
        try {
            answer = statement.get();
        } catch (RuntimeException e) {
            answer = Future.failedFuture(e); // else everybody after would wait for a turn that never ends
        }
        return answer.onComplete(ignored -> ended(question, statement));
    }

    private void ended(Question question, Supplier<Future<RowSet<Row>>> statement) {
        Promise<RowSet<Row>> next;
        synchronized (this) {
            Turn turn = turns.get(question);
            next = turn == null ? null : turn.next;
            if (next == null) {
                turns.remove(question);
                return;
            }
            turns.put(question, new Turn());
        }
        send(question, statement).onComplete(next);
    }

    /** How many different questions are under way. */
    synchronized int size() {
        return turns.size();
    }
}
