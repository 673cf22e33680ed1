package io.nexus.oauth.docs;

import com.sun.source.tree.LiteralTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.util.TreeScanner;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The texts in the sources of the service, for lists that are kept by hand. */
final class Literals {

    /** The outcomes of work at a provider; their names end with these words. */
    private static final Set<String> OUTCOMES = Set.of(
            "Deferred",
            "Misconfigured",
            "Unknown",
            "Rejected",
            "Unavailable",
            "ReauthorizationRequired",
            "UnknownProvider");

    private static @Nullable Literals main;

    private final Set<String> all = new TreeSet<>();
    private final Set<String> ofOutcomes = new TreeSet<>();

    private Literals() {
        TreeScanner<Void, Void> scanner = new TreeScanner<>() {
            @Override
            public Void visitLiteral(LiteralTree literal, Void nothing) {
                if (literal.getValue() instanceof String text) {
                    all.add(text);
                }
                return super.visitLiteral(literal, nothing);
            }

            @Override
            public Void visitNewClass(NewClassTree made, Void nothing) {
                if (OUTCOMES.contains(made.getIdentifier().toString().replaceFirst(".*\\.", ""))) {
                    made.getArguments().forEach(Literals.this::addCode);
                }
                return super.visitNewClass(made, nothing);
            }
        };
        Sources.main().types(type -> true).forEach(type -> scanner.scan(type.tree(), null));
    }

    private void addCode(Object argument) {
        if (argument instanceof LiteralTree literal
                && literal.getValue() instanceof String text
                && text.matches("[a-z][a-z0-9]*(_[a-z0-9]+)*")) {
            ofOutcomes.add(text);
        }
    }

    /** The texts of {@code src/main/java}. */
    static synchronized Literals main() {
        main = main == null ? new Literals() : main;
        return main;
    }

    /** All texts. */
    Set<String> all() {
        return all;
    }

    /** Texts with the form of a code that are given to an outcome of work at a provider. */
    Set<String> ofOutcomes() {
        return ofOutcomes;
    }
}
