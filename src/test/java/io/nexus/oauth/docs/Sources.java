package io.nexus.oauth.docs;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.util.DocTrees;
import com.sun.source.util.JavacTask;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Stream;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.jspecify.annotations.Nullable;

/** The syntax trees and Javadoc of {@code src/main/java}, parsed once. Independent of packages: files may move. */
final class Sources {

    private static final Path MAIN = Path.of("src/main/java");
    private static @Nullable Sources main;

    private final List<Type> types = new ArrayList<>();
    private final DocTrees docs;

    /**
     * A class, record, interface or enum, nested ones too.
     *
     * @param tree its syntax tree
     * @param path its place, which the Javadoc is found by
     */
    record Type(ClassTree tree, TreePath path) {

        String name() {
            return tree.getSimpleName().toString();
        }

        /** Whether it is called {@code name}: its simple name, or that of the type around it, a dot and its simple name. */
        boolean isCalled(String name) {
            return name.equals(name())
                    || (path.getParentPath().getLeaf() instanceof ClassTree outer
                            && name.equals(outer.getSimpleName() + "." + name()));
        }
    }

    private Sources() throws IOException {
        var compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, StandardCharsets.UTF_8);
                Stream<Path> files = Files.walk(MAIN)) {
            List<Path> all = files.filter(file -> file.toString().endsWith(".java"))
                    .sorted()
                    .toList();
            JavacTask task = (JavacTask) compiler.getTask(
                    null, manager, null, List.of("-proc:none"), null, manager.getJavaFileObjectsFromPaths(all));
            docs = DocTrees.instance(task);
            for (CompilationUnitTree unit : task.parse()) {
                collect(unit);
            }
        }
    }

    /** The sources of the service. */
    static synchronized Sources main() {
        try {
            main = main == null ? new Sources() : main;
            return main;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void collect(CompilationUnitTree unit) {
        new TreePathScanner<Void, Void>() {
            @Override
            public Void visitClass(ClassTree tree, Void nothing) {
                types.add(new Type(tree, getCurrentPath()));
                return super.visitClass(tree, nothing);
            }
        }.scan(unit, null);
    }

    /** All types that {@code wanted} accepts, in the order of their files. */
    Stream<Type> types(Predicate<Type> wanted) {
        return types.stream().filter(wanted);
    }

    /** The only type that is called {@code name}. Fails when there is none, or more than one. */
    Type type(String name) {
        List<Type> found = types(type -> type.isCalled(name)).toList();
        if (found.size() != 1) {
            throw new AssertionError("src/main/java has " + found.size() + " types called " + name);
        }
        return found.getFirst();
    }

    /** As {@link #type(String)}; a type of the file of {@code near} comes before all others. */
    Type type(String name, Type near) {
        return types(type -> type.name().equals(name)
                        && type.path().getCompilationUnit() == near.path().getCompilationUnit())
                .findFirst()
                .orElseGet(() -> type(name));
    }

    /** The Javadoc at {@code path}, if there is any. */
    Optional<DocCommentTree> doc(TreePath path) {
        return Optional.ofNullable(docs.getDocCommentTree(path));
    }
}
