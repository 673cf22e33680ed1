package io.nexus.oauth.cli.transfer;

import io.nexus.oauth.cli.connection.ApiAnswer;
import io.nexus.oauth.cli.connection.ApiClient;
import io.nexus.oauth.cli.connection.ApiRequest;
import io.nexus.oauth.cli.connection.Problems;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Pause;
import io.nexus.oauth.cli.terminal.Progress;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import io.nexus.oauth.cli.transfer.GrantSource.Found;
import io.nexus.oauth.cli.transfer.GrantSource.Verdict;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sends grants to the service in parallel and reports each in the order of its source. Memory use does not depend on the number
 * of grants.
 */
final class GrantImport {

    private static final int MAX_ATTEMPTS = 6;
    private static final int PENDING_PER_SENDER = 16;
    private static final int VERDICT_WIDTH = 12;

    private final Shell shell;
    private final ApiClient api;
    private final Plan plan;
    private final Map<Verdict, Long> totals = new EnumMap<>(Verdict.class);
    private final Deque<Pending> waiting = new ArrayDeque<>();

    GrantImport(Shell shell, ApiClient api, Plan plan) {
        this.shell = shell;
        this.api = api;
        this.plan = plan;
    }

    /**
     * The options of an import.
     *
     * @param apply whether to store grants; otherwise it is a dry run
     * @param replace whether to replace existing credentials
     * @param quiet whether to report only failures
     * @param parallel the number of parallel requests
     * @param tenant the only tenant to import, or null for all
     */
    record Plan(
            boolean apply,
            boolean replace,
            boolean quiet,
            int parallel,
            @Nullable String tenant) {}

    private record Result(Verdict verdict, String note) {}

    private record Pending(Found found, Future<Result> result) {}

    int run(GrantSource source) throws IOException {
        try (ExecutorService senders = Executors.newFixedThreadPool(plan.parallel());
                Progress progress = new Progress(shell, "rows")) {
            try {
                sendAll(source, senders, progress);
            } catch (CommandFailure failure) {
                senders.shutdownNow();
                throw failure;
            } catch (IOException e) {
                progress.clear();
                shell.out().flush();
                shell.note("Before the interruption: " + words());
                throw e;
            }
        }
        shell.out().flush();
        shell.note((plan.apply() ? "Done: " : "Dry run, nothing was changed (use --apply to import): ") + words());
        return totals.keySet().stream().allMatch(Verdict::isGood) ? ExitCode.OK : ExitCode.FAILED;
    }

    /** Sends all grants. When the source fails, reports those that were sent already. */
    private void sendAll(GrantSource source, ExecutorService senders, Progress progress) throws IOException {
        long done = 0;
        progress.at(done, source.total());
        try {
            for (Found found = source.next(); found != null; found = source.next()) {
                waiting.add(new Pending(found, senders.submit(task(found))));
                if (waiting.size() > plan.parallel() * PENDING_PER_SENDER) {
                    report(waiting.remove(), progress);
                    progress.at(++done, source.total());
                }
            }
        } finally {
            while (!waiting.isEmpty()) {
                report(waiting.remove(), progress);
                progress.at(++done, source.total());
            }
        }
    }

    private String words() {
        return totals.isEmpty()
                ? "nothing to import"
                : totals.entrySet().stream()
                        .map(entry -> entry.getValue() + " " + entry.getKey().label())
                        .collect(Collectors.joining(", "));
    }

    private Callable<Result> task(Found found) {
        return () -> {
            boolean other = plan.tenant() != null
                    && found.tenant() != null
                    && !plan.tenant().equals(found.tenant());
            if (other) {
                return new Result(Verdict.OTHER_TENANT, "belongs to " + found.tenant());
            }
            return found.grant() == null ? new Result(found.verdict(), found.note()) : send(found);
        };
    }

    private Result send(Found found) {
        Duration pause = Duration.ofMillis(250);
        for (int tries = 1; ; tries++) {
            try {
                return attempt(found);
            } catch (CommandFailure failure) {
                if (tries == MAX_ATTEMPTS || failure.exitCode() == ExitCode.NOT_ALLOWED) {
                    throw failure;
                }
                Duration wait = failure.retryAfter();
                Pause.of(wait == null ? pause : wait);
                pause = pause.multipliedBy(2);
            }
        }
    }

    /** Fails when a retry can help (5xx, 429), or when the login is rejected (401), which would fail all rows. */
    private Result attempt(Found found) {
        ApiAnswer answer = api.ask(request(found));
        int status = answer.status();
        if (!plan.apply() && status / 100 == 2 && status != 204) {
            // a service that does not support dry_run must not get another row
            throw new CommandFailure(
                    ExitCode.NOT_ALLOWED, "the service is too old for dry runs and stored " + found.account());
        }
        if (status / 100 == 2) {
            return new Result(Verdict.STORED, found.note());
        }
        if (status == 412) {
            return new Result(Verdict.PRESENT, "the existing credential was kept");
        }
        CommandFailure failure = Problems.of(answer);
        if (status >= 500 || status == 429 || status == 401) {
            throw failure;
        }
        return new Result(Verdict.REFUSED, failure.text());
    }

    private ApiRequest request(Found found) {
        String tenant = plan.tenant() != null ? plan.tenant() : found.tenant();
        Map<String, String> query = plan.apply() ? Map.of() : Map.of("dry_run", "true");
        ApiRequest request = api.request("/credentials", query, tenant).by("POST", found.grant());
        return plan.replace() ? request : request.header("If-None-Match", "*");
    }

    private void report(Pending pending, Progress progress) throws IOException {
        Result result = result(pending);
        totals.merge(result.verdict(), 1L, Long::sum);
        if (plan.quiet() && result.verdict().isGood()) {
            return;
        }
        if (shell.terminal().out()) {
            progress.clear();
            shell.out().println(shown(pending.found(), result));
            shell.out().flush();
        } else {
            shell.out().println(plain(pending.found(), result));
        }
    }

    private static String plain(Found found, Result result) {
        String tenant = found.tenant() == null ? "" : found.tenant();
        return Stream.of(result.verdict().label(), found.name(), tenant, found.account(), result.note())
                .map(Text::clean)
                .collect(Collectors.joining("\t"))
                .stripTrailing();
    }

    private String shown(Found found, Result result) {
        Verdict verdict = result.verdict();
        String label =
                verdict.label() + " ".repeat(VERDICT_WIDTH - verdict.label().length());
        String account = found.account().isEmpty() ? found.name() : found.account();
        String tenant = found.tenant() == null ? "" : " (" + found.tenant() + ")";
        String note = result.note().isEmpty() ? "" : ": " + result.note();
        return shell.terminal().mark(verdict.isGood()) + " " + label + " " + Text.clean(account + tenant + note);
    }

    private static Result result(Pending pending) throws IOException {
        try {
            return pending.result().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof CommandFailure failure) {
                throw failure;
            }
            throw new IllegalStateException("a grant could not be sent", e);
        }
    }
}
