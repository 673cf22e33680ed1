package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.cli.connection.Contexts;
import io.nexus.oauth.cli.connection.PagedList;
import io.nexus.oauth.cli.connection.ServerCommand;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Shell;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * Prints the names that fit the last word of a command line, one a line, for the completion scripts. It asks the service for two
 * seconds at most, prints no error and keeps nothing.
 */
@Command(name = "complete", description = "Print the names that fit the last word of a command line.")
final class CompleteCommand extends ServerCommand {

    private static final long TIME_LIMIT_MS = 2_000;
    private static final int MAX_ITEMS = 1_000;

    /** A shell inserts a name as it is, so a name that a shell would read as more than one word is left out. */
    private static final Pattern SAFE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9@%_+:,./=-]{0,253}");

    @Spec
    private @Nullable CommandSpec spec;

    @Parameters(paramLabel = "WORD", description = "The words after 'nexus', the last of them unfinished.")
    private List<String> words = List.of("");

    CompleteCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        CompletableFuture<List<String>> found = new CompletableFuture<>();
        Thread.ofPlatform().daemon().start(() -> found.complete(fitting()));
        found.completeOnTimeout(List.of(), TIME_LIMIT_MS, TimeUnit.MILLISECONDS)
                .join()
                .forEach(shell.out()::println);
        return ExitCode.OK;
    }

    private List<String> fitting() {
        try {
            UnfinishedLine line = UnfinishedLine.of(Objects.requireNonNull(spec).root(), words);
            new CommandLine(server).parseArgs(line.serverOptions().toArray(String[]::new));
            return names(line)
                    .filter(name ->
                            name.startsWith(line.typed()) && SAFE.matcher(name).matches())
                    .distinct()
                    .sorted()
                    .toList();
        } catch (CommandFailure | CommandLine.ParameterException e) {
            return List.of(); // an error would end up in the line that the user types
        }
    }

    private Stream<String> names(UnfinishedLine line) {
        return switch (line.wanted()) {
            case NOTHING -> Stream.of();
            case CONTEXT -> Contexts.of(shell).all().keySet().stream();
            case PROVIDER -> texts("/providers", Map.of(), "id");
            case USER -> texts("/credentials", filter(line.provider()), "user");
            case TENANT -> tenants();
        };
    }

    private static Map<String, String> filter(@Nullable String provider) {
        Map<String, String> query = new LinkedHashMap<>();
        ListCommand.put(query, "provider", provider);
        return query;
    }

    /** Those in the contexts, and those that the caller may name. */
    private Stream<String> tenants() {
        Stream<String> stored = Contexts.of(shell).all().values().stream()
                .map(Contexts.Context::tenant)
                .filter(Objects::nonNull);
        return Stream.concat(stored, tenantsOfTheCaller());
    }

    private Stream<String> tenantsOfTheCaller() {
        try {
            return texts("/tenants", Map.of(), "tenant").toList().stream();
        } catch (CommandFailure e) {
            return Stream.of();
        }
    }

    /** The texts of {@code field} in the items of a list. */
    private Stream<String> texts(String path, Map<String, String> query, String field) {
        PagedList items = new PagedList(api(), path, query, MAX_ITEMS);
        return StreamSupport.stream(Spliterators.spliteratorUnknownSize(items, 0), false)
                .map(item -> item.path(field))
                .flatMap(value -> value.isArray() ? value.valueStream() : Stream.of(value))
                .filter(JsonNode::isTextual)
                .map(JsonNode::asText);
    }
}
