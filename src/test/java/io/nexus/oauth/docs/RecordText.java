package io.nexus.oauth.docs;

import com.sun.source.tree.AnnotatedTypeTree;
import com.sun.source.tree.ParameterizedTypeTree;
import com.sun.source.tree.Tree;
import io.nexus.oauth.docs.Records.Component;
import io.nexus.oauth.docs.Sources.Type;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** Describes records of the wire, and the records in them. */
final class RecordText {

    private static final Map<String, String> TYPES = Map.ofEntries(
            Map.entry("String", "text"),
            Map.entry("UUID", "id"),
            Map.entry("Instant", "time"),
            Map.entry("LocalDate", "day"),
            Map.entry("boolean", "`true` or `false`"),
            Map.entry("Boolean", "`true` or `false`"),
            Map.entry("long", "number"),
            Map.entry("Long", "number"),
            Map.entry("int", "number"),
            Map.entry("Object", "value"),
            Map.entry("T", "object"));

    private final Map<String, String> texts = new TreeMap<>();

    /** For the records {@code names}. */
    RecordText(Set<String> names) {
        names.forEach(name -> add(Records.wire(name)));
    }

    /** All records in the order of their names. */
    String all() {
        return String.join("\n\n", texts.values());
    }

    private void add(Type type) {
        if (texts.containsKey(type.name())) {
            return;
        }
        texts.put(type.name(), "");
        List<String> items =
                Records.of(type).stream().map(each -> item(type, each)).toList();
        texts.put(
                type.name(),
                "### " + type.name() + "\n\n" + Markdown.wrapped(Records.text(type)) + "\n\n"
                        + String.join("\n", items));
    }

    private String item(Type owner, Component component) {
        Map<String, String> values = component.values();
        String head = Markdown.code(component.name()) + " (" + word(owner, component.type()) + ")";
        if (values.isEmpty()) {
            return Markdown.item(head + ": " + component.text());
        }
        List<String> lines = new ArrayList<>(List.of(Markdown.item(head + ": " + component.lead())));
        values.forEach((value, text) -> lines.add(
                Markdown.item(Markdown.code(value) + ": " + text).indent(2).stripTrailing()));
        return String.join("\n", lines);
    }

    private String word(Type owner, Tree type) {
        if (type instanceof AnnotatedTypeTree annotated) {
            return word(owner, annotated.getUnderlyingType());
        }
        if (type instanceof ParameterizedTypeTree generic) {
            String outer = generic.getType().toString();
            String inner = generic.getTypeArguments().stream()
                    .map(each -> word(owner, each))
                    .collect(Collectors.joining(" to "));
            return outer.equals("Map") ? "map of " + inner : "list of " + inner;
        }
        String name = type.toString();
        if (TYPES.containsKey(name)) {
            return TYPES.get(name);
        }
        Type own = Sources.main().type(name, owner);
        add(own);
        return "[`%s`](#%s)".formatted(own.name(), own.name().toLowerCase(java.util.Locale.ROOT));
    }
}
