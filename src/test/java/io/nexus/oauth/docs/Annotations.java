package io.nexus.oauth.docs;

import com.sun.source.tree.AnnotationTree;
import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.ModifiersTree;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads annotations in the sources. Knows only arguments that are literals. */
final class Annotations {

    private Annotations() {}

    /** The annotation with the simple name {@code name}, or null when there is none. */
    static @Nullable AnnotationTree find(ModifiersTree modifiers, String name) {
        return modifiers.getAnnotations().stream()
                .filter(each -> each.getAnnotationType().toString().equals(name))
                .findFirst()
                .orElse(null);
    }

    /** The value or the prefix of {@code annotation}. Fails when it has neither. */
    static String text(@Nullable AnnotationTree annotation) {
        return Optional.ofNullable(annotation)
                .flatMap(each -> argument(each, "value").or(() -> argument(each, "prefix")))
                .orElseThrow(() -> new AssertionError("no text in " + annotation));
    }

    /** The argument {@code name} as text. An argument without a name is the value. */
    static Optional<String> argument(AnnotationTree annotation, String name) {
        return annotation.getArguments().stream()
                .filter(each -> (each instanceof AssignmentTree named
                                ? named.getVariable().toString()
                                : "value")
                        .equals(name))
                .map(each -> each instanceof AssignmentTree named ? named.getExpression() : each)
                .map(each -> String.valueOf(((LiteralTree) each).getValue()))
                .findFirst();
    }
}
