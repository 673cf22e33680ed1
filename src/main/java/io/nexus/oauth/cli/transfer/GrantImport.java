package io.nexus.oauth.cli.transfer;

import io.nexus.oauth.cli.connection.ApiClient;
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
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
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
 * Sends grants to the service, some at a time, and reports each in the order of its source. Whatever their number, no more than a
 * few are held in memory.
 */
final class GrantImport {

    private static final int TRIES = 6;
    private static final int AHEAD = 16;
    private static final int VERDICT = 12;

    private final Shell shell;
    private final ApiClient api;
    private final Plan plan;
    private final Map<Verdict, Long> sums = new EnumMap<>(Verdict.class);
    private final Deque<Pending> waiting = new ArrayDeque<>();

    GrantImport(Shell shell, ApiClient api, Plan plan) {
        this.shell = shell;
        this.api = api;
        this.plan = plan;
    }

    /**
     * What is to be done.
     *
     * @param apply whether anything is changed
     * @param replace whether what is here is replaced
     * @param quiet whether only what went wrong is reported
     * @param parallel how many are sent at a time
     * @param tenant the only tenant to bring, or null
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
                bring(source, senders, progress);
            } catch (CommandFailure failure) {
                senders.shutdownNow();
                throw failure;
            } catch (IOException e) {
                progress.clear();
                shell.out().flush();
                shell.note("Until it broke off: " + words());
                throw e;
            }
        }
        shell.out().flush();
        shell.note((plan.apply() ? "Done: " : "Dry run, nothing was changed (--apply does it): ") + words());
        return sums.keySet().stream().allMatch(Verdict::isGood) ? ExitCode.OK : ExitCode.FAILED;
    }

    /** What was sent is reported, even when the source breaks off. */
    private void bring(GrantSource source, ExecutorService senders, Progress progress) throws IOException {
        long done = 0;
        progress.at(done, source.total());
        try {
            for (Found found = source.next(); found != null; found = source.next()) {
                waiting.add(new Pending(found, senders.submit(task(found))));
                if (waiting.size() > plan.parallel() * AHEAD) {
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
        return sums.isEmpty()
                ? "there is nothing to bring"
                : sums.entrySet().stream()
                        .map(entry -> entry.getValue() + " " + entry.getKey().label())
                        .collect(Collectors.joining(", "));
    }

    private Callable<Result> task(Found found) {
        return () -> {
            boolean other = plan.tenant() != null
                    && found.tenant() != null
                    && !plan.tenant().equals(found.tenant());
            if (other) {
                return new Result(Verdict.OTHER_TENANT, "of " + found.tenant());
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
                if (tries == TRIES || failure.exitCode() == ExitCode.NOT_ALLOWED) {
                    throw failure;
                }
                Duration wait = failure.retryAfter();
                Pause.of(wait == null ? pause : wait);
                pause = pause.multipliedBy(2);
            }
        }
    }

    /** Fails when it is worth another try, or when a key that is not good here is not good for the next row either. */
    private Result attempt(Found found) {
        HttpResponse<byte[]> answer = api.ask(request(found));
        int status = answer.statusCode();
        if (!plan.apply() && status / 100 == 2 && status != 204) {
            // a service that does not know what a dry run is must not be sent another row
            throw new CommandFailure(
                    ExitCode.NOT_ALLOWED, "the service is too old for a dry run, and stored " + found.account());
        }
        if (status / 100 == 2) {
            return new Result(Verdict.STORED, found.note());
        }
        if (status == 412) {
            return new Result(Verdict.PRESENT, "what is here stays");
        }
        CommandFailure failure = Problems.of(status, answer.headers(), answer.body());
        if (status >= 500 || status == 429 || status == 401) {
            throw failure;
        }
        return new Result(Verdict.REFUSED, failure.text());
    }

    private HttpRequest.Builder request(Found found) {
        String tenant = plan.tenant() != null ? plan.tenant() : found.tenant();
        Map<String, String> query = plan.apply() ? Map.of() : Map.of("dry_run", "true");
        HttpRequest.Builder request = ApiClient.with(found.grant(), api.request("/credentials", query, tenant), "POST");
        return plan.replace() ? request : request.header("If-None-Match", "*");
    }

    private void report(Pending pending, Progress progress) throws IOException {
        Result result = result(pending);
        sums.merge(result.verdict(), 1L, Long::sum);
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
        String label = verdict.label() + " ".repeat(VERDICT - verdict.label().length());
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
