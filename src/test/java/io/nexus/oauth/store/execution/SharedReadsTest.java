package io.nexus.oauth.store.execution;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.store.execution.SharedReads.Question;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.mutiny.sqlclient.Row;
import io.vertx.mutiny.sqlclient.RowSet;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Which callers share a statement. */
class SharedReadsTest {

    private static final Question ONE = new Question("SELECT", List.of(1));
    private static final Question OTHER = new Question("SELECT", List.of(2));

    private final SharedReads reads = new SharedReads();
    private final List<Promise<RowSet<Row>>> sent = new ArrayList<>();

    @Test
    void whoComesWhileAStatementRunsSharesTheNext() {
        Future<RowSet<Row>> first = ask(ONE);
        List<Future<RowSet<Row>>> crowd =
                Stream.generate(() -> ask(ONE)).limit(1000).toList();
        assertThat(sent).hasSize(1);

        sent.getFirst().complete();

        assertThat(first.isComplete()).isTrue();
        assertThat(crowd).noneMatch(Future::isComplete);
        assertThat(sent).hasSize(2);
        sent.getLast().complete();
        assertThat(crowd).allMatch(Future::succeeded);
        assertThat(reads.size()).isZero();
    }

    @Test
    void failureIsToldToWhoSharedItAndToNobodyElse() {
        Future<RowSet<Row>> first = ask(ONE);
        Future<RowSet<Row>> second = ask(ONE);

        sent.getFirst().fail("broken");
        sent.getLast().complete();

        assertThat(first.failed()).isTrue();
        assertThat(second.succeeded()).isTrue();
        assertThat(reads.size()).isZero();
    }

    @Test
    void differentQuestionsDoNotWaitForEachOther() {
        ask(ONE);
        ask(OTHER);

        assertThat(sent).hasSize(2);
    }

    @Test
    void nobodyIsForgottenInATurnThatEndsAtOnce() {
        Future<RowSet<Row>> first = reads.ask(ONE, () -> Future.succeededFuture(null));
        Future<RowSet<Row>> second = reads.ask(ONE, () -> Future.succeededFuture(null));

        assertThat(first.succeeded()).isTrue();
        assertThat(second.succeeded()).isTrue();
        assertThat(reads.size()).isZero();
    }

    private Future<RowSet<Row>> ask(Question question) {
        return reads.ask(question, () -> {
            sent.add(Promise.promise());
            return sent.getLast().future();
        });
    }
}
