package io.nexus.oauth.cli.terminal;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.nexus.oauth.cli.terminal.Listing.Column;
import io.nexus.oauth.cli.terminal.Listing.View;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The output options of lists. Prints for people on a terminal and for scripts elsewhere. */
public final class OutputOptions {

    private static final String CLEAR_SCREEN = "\u001b[H\u001b[2J";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description = "table, wide, json, yaml or name. Outside a terminal, table prints tab-separated fields.")
    private Format format = Format.TABLE;

    @Option(names = "--no-headers", description = "Print no column titles.")
    private boolean noHeaders;

    @Option(
            names = "--watch",
            arity = "0..1",
            paramLabel = "SECONDS",
            fallbackValue = "2",
            description = "Repeat every SECONDS (2). Outside a terminal, print only new and changed items.")
    private @Nullable Integer watch;

    /** Whether the list is printed again and again. */
    public boolean isWatch() {
        return watch != null;
    }

    public boolean isTable() {
        return format == Format.TABLE || format == Format.WIDE;
    }

    /** Prints the items of {@code fetch}. With --watch, repeats until standard output is closed. Blocks. */
    public <T> void print(Shell shell, Listing<T> listing, Supplier<Iterator<JsonNode>> fetch) {
        Integer every = watch;
        if (every == null) {
            print(shell, listing, fetch.get());
            return;
        }
        if (every < 1) {
            throw CommandFailure.usage("--watch takes 1 second or more");
        }
        Optional<Set<String>> seen = Optional.empty();
        while (!shell.out().checkError()) {
            try {
                seen = Optional.of(printOnce(shell, listing, fetch, seen));
            } catch (CommandFailure failure) {
                // while the service is unavailable, --watch keeps trying
                if (failure.exitCode() != ExitCode.UNAVAILABLE || seen.isEmpty()) {
                    throw failure;
                }
                shell.note("nexus: " + failure.text());
            }
            shell.out().flush();
            Pause.seconds(every);
        }
    }

    private <T> Set<String> printOnce(
            Shell shell, Listing<T> listing, Supplier<Iterator<JsonNode>> fetch, Optional<Set<String>> seen) {
        List<JsonNode> items = new ArrayList<>();
        fetch.get().forEachRemaining(items::add);
        if (shell.terminal().out() && isTable() && !listing.grows()) {
            shell.out().print(CLEAR_SCREEN);
            print(shell, listing, items.iterator());
            return Set.of();
        }
        if (seen.isEmpty() && isTable()) {
            titles(shell, listing);
        }
        List<String> lines = items.stream()
                .map(item -> format == Format.JSON ? shell.shown(item.toString()) : text(shell, listing, item))
                .toList();
        if (listing.grows()) {
            lines.forEach(shell.out()::println);
            return Set.of();
        }
        Set<String> before = seen.orElse(Set.of());
        Set<String> now = new LinkedHashSet<>(lines);
        now.stream().filter(line -> !before.contains(line)).forEach(shell.out()::println);
        return now;
    }

    private <T> String text(Shell shell, Listing<T> listing, JsonNode item) {
        return switch (format) {
            case YAML -> yaml(shell, List.of(item)).stripTrailing();
            case NAME -> Text.clean(listing.name().apply(Json.read(item, listing.type())));
            default -> String.join("\t", plain(listing, Json.read(item, listing.type())));
        };
    }

    /** Prints {@code items} as a list. Only a table on a terminal needs all items in memory. */
    public <T> void print(Shell shell, Listing<T> listing, Iterator<JsonNode> items) {
        switch (format) {
            case JSON -> array(shell, items);
            case YAML -> {
                if (!items.hasNext()) {
                    shell.out().println("[]");
                }
                items.forEachRemaining(item -> shell.out().print(yaml(shell, List.of(item))));
            }
            case NAME -> items.forEachRemaining(item -> shell.out().println(text(shell, listing, item)));
            default -> table(shell, listing, items);
        }
    }

    /** Prints one item, one field per line. */
    public <T> void printOne(Shell shell, Listing<T> listing, JsonNode item) {
        switch (format) {
            case JSON -> shell.out().println(pretty(shell, item));
            case YAML -> shell.out().print(yaml(shell, item));
            case NAME -> shell.out().println(text(shell, listing, item));
            default -> fields(shell, listing, Json.read(item, listing.type()));
        }
    }

    private <T> void fields(Shell shell, Listing<T> listing, T item) {
        boolean people = shell.terminal().out();
        View view = new View(shell.terminal(), shell.clock().instant(), false);
        int width = listing.columns().stream()
                .mapToInt(column -> column.title().length())
                .max()
                .orElse(0);
        for (Column<T> column : listing.columns()) {
            String title = people
                    ? shell.terminal().bold(column.title())
                            + " ".repeat(width - column.title().length() + 2)
                    : column.key() + "\t";
            shell.out()
                    .println(title
                            + Text.clean(
                                    people
                                            ? column.shown().apply(item, view)
                                            : column.plain().apply(item)));
        }
    }

    private <T> void table(Shell shell, Listing<T> listing, Iterator<JsonNode> items) {
        if (!items.hasNext()) {
            printMessage(shell, listing.none());
            return;
        }
        if (!shell.terminal().out()) {
            titles(shell, listing);
            items.forEachRemaining(item -> shell.out().println(text(shell, listing, item)));
            return;
        }
        List<T> values = new ArrayList<>();
        items.forEachRemaining(item -> values.add(Json.read(item, listing.type())));
        Table table = newTable(shell, listing, values, false);
        (table.fits() ? table : newTable(shell, listing, values, true))
                .print(shell.out(), !noHeaders, format == Format.WIDE);
        shell.out().println();
        String count = values.size() + " " + (values.size() == 1 ? listing.one() : listing.many());
        boolean full = items instanceof FirstItems first && first.isFull();
        shell.out().println(full ? count + " shown, as many as --limit allows" : "Total: " + count);
    }

    private <T> Table newTable(Shell shell, Listing<T> listing, List<T> values, boolean narrow) {
        View view = new View(shell.terminal(), shell.clock().instant(), narrow);
        List<List<String>> rows = values.stream()
                .map(value -> columns(listing).stream()
                        .map(column -> Text.clean(column.shown().apply(value, view)))
                        .toList())
                .toList();
        return new Table(
                shell.terminal(), columns(listing).stream().map(Column::title).toList(), rows);
    }

    private <T> void titles(Shell shell, Listing<T> listing) {
        if (!noHeaders) {
            shell.out().println(columns(listing).stream().map(Column::key).collect(Collectors.joining("\t")));
        }
    }

    /** Prints a message: to standard error outside a terminal, so that scripts do not read it as a result. */
    private static void printMessage(Shell shell, String text) {
        (shell.terminal().out() ? shell.out() : shell.err()).println(text);
    }

    private <T> List<String> plain(Listing<T> listing, T item) {
        return columns(listing).stream()
                .map(column -> Text.clean(column.plain().apply(item)))
                .toList();
    }

    private <T> List<Column<T>> columns(Listing<T> listing) {
        return listing.columns().stream()
                .filter(column -> format == Format.WIDE || !column.wide())
                .toList();
    }

    private static void array(Shell shell, Iterator<JsonNode> items) {
        shell.out().print("[");
        String between = "\n";
        while (items.hasNext()) {
            shell.out().print(between + pretty(shell, items.next()).indent(2).stripTrailing());
            between = ",\n";
        }
        shell.out().println(between.equals("\n") ? "]" : "\n]");
    }

    public static String pretty(Shell shell, JsonNode node) {
        DefaultIndenter lines = new DefaultIndenter("  ", "\n");
        ObjectWriter writer = Json.MAPPER.writer(
                new DefaultPrettyPrinter().withObjectIndenter(lines).withArrayIndenter(lines));
        try {
            return shell.shown(writer.writeValueAsString(node));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write JSON", e);
        }
    }

    public static String yaml(Shell shell, Object value) {
        try {
            return shell.shown(new ObjectMapper(new YAMLFactory().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER))
                    .writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write YAML", e);
        }
    }
}
