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

/** How results are printed: for people on a terminal, for scripts everywhere else. */
public final class OutputOptions {

    private static final String CLEAR = "\u001b[H\u001b[2J";

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "table",
            description =
                    "table, wide, json, yaml or name. A table is drawn on a terminal; elsewhere its fields are separated by tabs.")
    private Format format = Format.TABLE;

    @Option(names = "--no-headers", description = "Leave the titles of the columns out.")
    private boolean noHeaders;

    @Option(
            names = "--watch",
            arity = "0..1",
            paramLabel = "SECONDS",
            fallbackValue = "2",
            description =
                    "Look again every SECONDS (2): a table is drawn anew on a terminal; else what is new or has changed is printed.")
    private @Nullable Integer watch;

    public boolean isTable() {
        return format == Format.TABLE || format == Format.WIDE;
    }

    /** Prints what {@code look} finds, once or for as long as it is watched and somebody reads it. */
    public <T> void print(Shell shell, Listing<T> listing, Supplier<Iterator<JsonNode>> look) {
        Integer every = watch;
        if (every == null) {
            print(shell, listing, look.get());
            return;
        }
        if (every < 1) {
            throw CommandFailure.usage("--watch: seconds from 1 on");
        }
        Optional<Set<String>> seen = Optional.empty();
        while (!shell.out().checkError()) {
            try {
                seen = Optional.of(looked(shell, listing, look, seen));
            } catch (CommandFailure failure) {
                // who watches wants to see the service come back, too
                if (failure.exitCode() != ExitCode.UNAVAILABLE || seen.isEmpty()) {
                    throw failure;
                }
                shell.note("nexus: " + failure.text());
            }
            shell.out().flush();
            Pause.seconds(every);
        }
    }

    private <T> Set<String> looked(
            Shell shell, Listing<T> listing, Supplier<Iterator<JsonNode>> look, Optional<Set<String>> seen) {
        List<JsonNode> items = new ArrayList<>();
        look.get().forEachRemaining(items::add);
        if (shell.terminal().out() && isTable() && !listing.grows()) {
            shell.out().print(CLEAR);
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

    /** Prints {@code items} as a list. Only a table on a terminal needs them all at once. */
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

    /** Prints one thing: a field a line for people and scripts alike. */
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
            say(shell, listing.none());
            return;
        }
        if (!shell.terminal().out()) {
            titles(shell, listing);
            items.forEachRemaining(item -> shell.out().println(text(shell, listing, item)));
            return;
        }
        List<T> values = new ArrayList<>();
        items.forEachRemaining(item -> values.add(Json.read(item, listing.type())));
        Table table = drawn(shell, listing, values, false);
        (table.fits() ? table : drawn(shell, listing, values, true))
                .print(shell.out(), !noHeaders, format == Format.WIDE);
        shell.out().println();
        shell.out().println("Total: " + values.size() + " " + listing.counted());
    }

    private <T> Table drawn(Shell shell, Listing<T> listing, List<T> values, boolean narrow) {
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

    /** To where people read it without it getting into a script's way. */
    private static void say(Shell shell, String text) {
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
            throw new IllegalStateException("what was JSON is JSON", e);
        }
    }

    public static String yaml(Shell shell, Object value) {
        try {
            return shell.shown(new ObjectMapper(new YAMLFactory().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER))
                    .writeValueAsString(value));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("what was JSON is YAML", e);
        }
    }
}
