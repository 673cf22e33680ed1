package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.ParameterizedTypeTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import io.nexus.oauth.docs.Sources.Type;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import javax.lang.model.element.Modifier;
import org.jspecify.annotations.Nullable;

/**
 * Reads the keys of the configuration from the sources: methods of {@code @ConfigMapping} interfaces, parameters with
 * {@code @ConfigProperty} ({@code @param}), and constants whose value is a key. Each key needs Javadoc in one of these places.
 */
final class SettingsReader {

    private static final String OWN = "nexus.oauth.";

    private final Sources sources = Sources.main();
    private final Properties defaults = new Properties();
    private final Map<String, Setting> found = new TreeMap<>();
    private final Set<String> injected = new TreeSet<>();

    private SettingsReader() throws IOException {
        try (Reader reader = Files.newBufferedReader(Path.of("src/main/resources/application.properties"))) {
            defaults.load(reader);
        }
    }

    /** All keys in the order of their mappings, or of the alphabet where there is none. */
    static List<Setting> read() throws IOException {
        SettingsReader reader = new SettingsReader();
        Map<String, Setting> all = new LinkedHashMap<>();
        reader.sources
                .types(type -> Annotations.find(type.tree().getModifiers(), "ConfigMapping") != null)
                .forEach(type -> reader.mapping(
                        Annotations.text(Annotations.find(type.tree().getModifiers(), "ConfigMapping")), type, all));
        reader.sources.types(type -> true).forEach(reader::loose);
        reader.found.forEach(all::putIfAbsent);
        assertThat(all.keySet())
                .as("keys that are injected somewhere need a @param in one constructor that takes them")
                .containsAll(reader.injected);
        return List.copyOf(all.values());
    }

    /** The text of the type of the mapping with the prefix {@code prefix}; empty when there is no such mapping. */
    static Optional<String> group(String prefix) {
        return Sources.main()
                .types(type -> {
                    AnnotationTree mapping = Annotations.find(type.tree().getModifiers(), "ConfigMapping");
                    return mapping != null && Annotations.text(mapping).equals(prefix);
                })
                .findFirst()
                .map(type -> new Javadoc(reference -> prefix + "." + dashed(name(reference)))
                        .body(Sources.main().doc(type.path()).orElseThrow()));
    }

    private void mapping(String prefix, Type type, Map<String, Setting> all) {
        Javadoc javadoc = new Javadoc(reference -> linked(prefix, reference));
        for (Tree member : type.tree().getMembers()) {
            if (member instanceof MethodTree method) {
                AnnotationTree parent = Annotations.find(method.getModifiers(), "WithParentName");
                String key = parent != null ? prefix : prefix + "." + dashed(method.getName());
                String text = sources.doc(new TreePath(type.path(), method))
                        .map(javadoc::body)
                        .orElseThrow(() -> new AssertionError(key + " has no Javadoc"));
                AnnotationTree fallback = Annotations.find(method.getModifiers(), "WithDefault");
                String value = fallback == null ? defaults.getProperty(key) : Annotations.text(fallback);
                value(type, key, method.getReturnType(), value, text, all);
            }
        }
    }

    private void value(
            Type near, String key, Tree type, @Nullable String fallback, String text, Map<String, Setting> all) {
        if (type instanceof ParameterizedTypeTree generic) {
            String outer = generic.getType().toString();
            Tree inner = generic.getTypeArguments().getLast();
            if (outer.equals("Map")) {
                value(
                        near,
                        key + ".<" + key.replaceFirst(".*\\.", "").replaceFirst("s$", "") + ">",
                        inner,
                        fallback,
                        text,
                        all);
            } else if (outer.equals("List")) {
                all.put(
                        key,
                        new Setting(
                                key,
                                Setting.word(inner.toString()) + ", or several separated by commas",
                                fallback,
                                text,
                                Map.of()));
            } else {
                assertThat(outer).as(key).isEqualTo("Optional");
                value(near, key, inner, fallback, text, all);
            }
        } else if (Setting.isPlain(type.toString())) {
            all.put(key, new Setting(key, Setting.word(type.toString()), fallback, text, Map.of()));
        } else {
            Type own = sources.type(type.toString(), near);
            if (own.tree().getKind() == Tree.Kind.ENUM) {
                all.put(key, new Setting(key, "one of the values below", fallback, text, choices(own)));
            } else {
                mapping(key, own, all);
            }
        }
    }

    private Map<String, String> choices(Type type) {
        Map<String, String> choices = new LinkedHashMap<>();
        Enums.of(type)
                .forEach(each -> choices.put(Markdown.separated(each.name().replace('_', '-'), '-'), each.text()));
        return choices;
    }

    /** What is read outside the mappings. */
    private void loose(Type type) {
        for (Tree member : type.tree().getMembers()) {
            TreePath path = new TreePath(type.path(), member);
            if (member instanceof MethodTree method) {
                method.getParameters().forEach(parameter -> loose(type, parameter, sources.doc(path)));
            } else if (member instanceof VariableTree field
                    && field.getModifiers().getFlags().contains(Modifier.PRIVATE)
                    && field.getInitializer() instanceof LiteralTree literal
                    && String.valueOf(literal.getValue()).matches("nexus\\.oauth\\.[a-z.-]*[a-z]")) {
                String key = String.valueOf(literal.getValue());
                sources.doc(path)
                        .ifPresent(doc -> found.putIfAbsent(
                                key,
                                new Setting(
                                        key, "text", defaults.getProperty(key), new Javadoc().body(doc), Map.of())));
            }
        }
    }

    private void loose(Type type, VariableTree parameter, Optional<DocCommentTree> doc) {
        AnnotationTree property = Annotations.find(parameter.getModifiers(), "ConfigProperty");
        if (property != null
                && Annotations.argument(property, "name").orElse("").startsWith(OWN)) {
            String key = Annotations.argument(property, "name").orElseThrow();
            injected.add(key);
            doc.map(new Javadoc()::parameters)
                    .map(texts -> texts.get(parameter.getName().toString()))
                    .ifPresent(text -> value(
                            type,
                            key,
                            parameter.getType(),
                            Annotations.argument(property, "defaultValue").orElse(defaults.getProperty(key)),
                            text,
                            found));
        }
    }

    /** A link to a method is a link to its key: in the same mapping, or in the one that the reference names. */
    private String linked(String prefix, String reference) {
        String name = name(reference);
        String owner = reference.contains("#") ? reference.replaceFirst("#.*", "") : "";
        if (owner.isEmpty()) {
            return prefix + "." + dashed(name);
        }
        return Annotations.text(Annotations.find(sources.type(owner).tree().getModifiers(), "ConfigMapping")) + "."
                + dashed(name);
    }

    private static String name(String reference) {
        return reference.replaceFirst("^.*#", "").replaceFirst("\\(.*", "");
    }

    private static String dashed(CharSequence name) {
        return Markdown.separated(name.toString(), '-');
    }
}
