package io.nexus.oauth.docs;

import com.sun.source.tree.ClassTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.TreePath;
import io.nexus.oauth.docs.Sources.Type;
import java.util.List;
import java.util.Locale;

/** Reads the constants of enumerations from the sources. */
final class Enums {

    private Enums() {}

    /**
     * A constant.
     *
     * @param name its name in the source
     * @param arguments its literal arguments as text
     * @param text its Javadoc as Markdown
     */
    record Constant(String name, List<String> arguments, String text) {

        /** The text that stands for it outside: its argument when that is one text, else its name. */
        String wire() {
            return arguments.size() == 1 && arguments.getFirst().matches("[a-z_]+")
                    ? arguments.getFirst()
                    : name.toLowerCase(Locale.ROOT);
        }
    }

    /** The constants of {@code type} in their order. Fails when one has no Javadoc. */
    static List<Constant> of(Type type) {
        ClassTree tree = type.tree();
        return tree.getMembers().stream()
                .filter(VariableTree.class::isInstance)
                .map(VariableTree.class::cast)
                .filter(field -> field.getType() != null
                        && field.getType().toString().equals(type.name())
                        && field.getInitializer() instanceof NewClassTree)
                .map(field -> constant(type, field))
                .toList();
    }

    private static Constant constant(Type type, VariableTree field) {
        NewClassTree made = (NewClassTree) field.getInitializer();
        String text = Sources.main()
                .doc(new TreePath(type.path(), field))
                .map(new Javadoc()::body)
                .orElseThrow(() -> new AssertionError(type.name() + "." + field.getName() + " has no Javadoc"));
        List<String> arguments = made.getArguments().stream().map(Enums::text).toList();
        return new Constant(field.getName().toString(), arguments, text);
    }

    private static String text(Tree argument) {
        return argument instanceof LiteralTree literal ? String.valueOf(literal.getValue()) : argument.toString();
    }
}
