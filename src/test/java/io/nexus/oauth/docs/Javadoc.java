package io.nexus.oauth.docs;

import com.sun.source.doctree.DocCommentTree;
import com.sun.source.doctree.DocTree;
import com.sun.source.doctree.EntityTree;
import com.sun.source.doctree.LinkTree;
import com.sun.source.doctree.LiteralTree;
import com.sun.source.doctree.ParamTree;
import com.sun.source.doctree.StartElementTree;
import com.sun.source.doctree.TextTree;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;

/** Turns Javadoc into Markdown. Knows the few tags that the Javadoc of this repository uses, and fails at any other. */
final class Javadoc {

    private final UnaryOperator<String> links;

    /** With {@code links} a reference such as {@code #name()} becomes the text that the page shows for it. */
    Javadoc(UnaryOperator<String> links) {
        this.links = links;
    }

    /** Shows references as they stand, without the sign and the brackets. */
    Javadoc() {
        this(reference -> reference.replaceFirst("^.*#", "").replaceFirst("\\(.*", ""));
    }

    /** The text of {@code doc} without its block tags, in paragraphs. */
    String body(DocCommentTree doc) {
        return markdown(doc.getFullBody());
    }

    /** The texts of the {@code @param} tags by their names. */
    Map<String, String> parameters(DocCommentTree doc) {
        Map<String, String> found = new LinkedHashMap<>();
        doc.getBlockTags().forEach(tag -> {
            if (tag instanceof ParamTree param && !param.isTypeParameter()) {
                found.put(param.getName().getName().toString(), markdown(param.getDescription()));
            }
        });
        return found;
    }

    private String markdown(List<? extends DocTree> trees) {
        StringBuilder text = new StringBuilder();
        trees.forEach(tree -> text.append(markdown(tree)));
        return text.toString()
                .strip()
                .replaceAll("[ \\t]*\\n[ \\t]*\\n\\s*", "\n\n")
                .replaceAll("(?<!\\n)\\n(?!\\n)", " ");
    }

    private String markdown(DocTree tree) {
        return switch (tree) {
            case TextTree text -> text.getBody().replaceAll("\\s*\\n\\s*", " ");
            case LiteralTree literal
            when literal.getKind() == DocTree.Kind.CODE ->
                "`" + literal.getBody().getBody().replaceAll("\\s*\\n\\s*", " ").strip() + "`";
            case LiteralTree literal -> literal.getBody().getBody();
            case LinkTree link -> "`" + links.apply(link.getReference().getSignature()) + "`";
            case EntityTree entity ->
                switch (entity.getName().toString()) {
                    case "lt" -> "<";
                    case "gt" -> ">";
                    case "amp" -> "&";
                    default -> throw new AssertionError("unknown entity in Javadoc: " + entity);
                };
            case StartElementTree start -> element(start);
            default -> {
                if (tree.getKind() == DocTree.Kind.END_ELEMENT) {
                    yield end(tree.toString());
                }
                throw new AssertionError("unknown tag in Javadoc: " + tree);
            }
        };
    }

    private static String element(StartElementTree start) {
        return switch (start.getName().toString()) {
            case "p" -> "\n\n";
            case "code" -> "`";
            case "a" -> "[";
            default -> throw new AssertionError("unknown element in Javadoc: " + start);
        };
    }

    private static String end(String element) {
        return switch (element) {
            case "</code>" -> "`";
            case "</a>" -> "]";
            default -> throw new AssertionError("unknown element in Javadoc: " + element);
        };
    }
}
