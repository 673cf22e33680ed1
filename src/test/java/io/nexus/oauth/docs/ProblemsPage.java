package io.nexus.oauth.docs;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** {@code problems.md}: the problem types from their enumeration. */
final class ProblemsPage implements Page {

    private static final String TYPES = "ProblemType";

    @Override
    public String name() {
        return "problems";
    }

    @Override
    public Map<String, String> parts(List<String> places) {
        List<Enums.Constant> types = Enums.of(Sources.main().type(TYPES));
        String index = types.stream()
                .collect(Collectors.groupingBy(
                        type -> type.arguments().getFirst(),
                        java.util.TreeMap::new,
                        Collectors.mapping(type -> "[`%1$s`](#%1$s)".formatted(slug(type)), Collectors.joining(" · "))))
                .entrySet()
                .stream()
                .map(status -> Markdown.item("**" + status.getKey() + "**: " + status.getValue()))
                .collect(Collectors.joining("\n"));
        String all = types.stream()
                .map(type -> "### %s%n%n**%s** · %s%n%n%s"
                        .formatted(
                                slug(type),
                                type.arguments().get(0),
                                type.arguments().get(1),
                                Markdown.wrapped(type.text())))
                .collect(Collectors.joining("\n\n"));
        return Map.of("index", index, "types", all);
    }

    static String slug(Enums.Constant type) {
        return type.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
