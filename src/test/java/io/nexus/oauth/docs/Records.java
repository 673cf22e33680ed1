package io.nexus.oauth.docs;

import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import io.nexus.oauth.docs.Sources.Type;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/** Reads the records of the wire from the sources. */
final class Records {

    private static final Pattern VALUE = Pattern.compile("`([a-z0-9_:-]+)`: (.+?)(?:; (?=`[a-z0-9_:-]+`: )|$)");

    private Records() {}

    /**
     * A component of a record.
     *
     * @param name its name on the wire
     * @param type its type in the source
     * @param text its Javadoc as Markdown
     */
    record Component(String name, Tree type, String text) {

        /** The values that the Javadoc lists, each as code, colon and text, separated by semicolons; empty when it lists none. */
        Map<String, String> values() {
            Map<String, String> values = new LinkedHashMap<>();
            VALUE.matcher(text).results().forEach(value -> values.put(value.group(1), value.group(2)));
            return values;
        }

        /** What the Javadoc says before the first value. */
        String lead() {
            return values().isEmpty()
                    ? text
                    : text.substring(
                                    0,
                                    text.indexOf(
                                            "`" + values().keySet().iterator().next() + "`: "))
                            .strip();
        }
    }

    /** The record of the wire that is called {@code name}. Fails when there is none, or more than one. */
    static Type wire(String name) {
        List<Type> found = Sources.main()
                .types(type -> type.isCalled(name)
                        && type.path()
                                .getCompilationUnit()
                                .getPackageName()
                                .toString()
                                .endsWith(".api"))
                .toList();
        if (found.size() != 1) {
            throw new AssertionError("the wire has " + found.size() + " records called " + name);
        }
        return found.getFirst();
    }

    /** The components of the record {@code type}. Fails when one has no {@code @param}. */
    static List<Component> of(Type type) {
        Map<String, String> texts =
                Sources.main().doc(type.path()).map(new Javadoc()::parameters).orElse(Map.of());
        return type.tree().getMembers().stream()
                .filter(VariableTree.class::isInstance)
                .map(VariableTree.class::cast)
                .filter(field -> !field.getModifiers().getFlags().contains(javax.lang.model.element.Modifier.STATIC))
                .map(field -> {
                    String text = texts.get(field.getName().toString());
                    if (text == null) {
                        throw new AssertionError(type.name() + "." + field.getName() + " has no @param");
                    }
                    return new Component(Markdown.separated(field.getName().toString(), '_'), field.getType(), text);
                })
                .toList();
    }

    /** The text of the record {@code type} without its tags. */
    static String text(Type type) {
        return Sources.main()
                .doc(type.path())
                .map(new Javadoc()::body)
                .orElseThrow(() -> new AssertionError(type.name() + " has no Javadoc"));
    }
}
