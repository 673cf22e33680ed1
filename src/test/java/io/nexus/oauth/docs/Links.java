package io.nexus.oauth.docs;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** The relative links of a Markdown file. Anchors are the ones that GitHub gives to headings. */
final class Links {

    private static final Pattern LINK =
            Pattern.compile("\\[(?:[^\\[\\]]|\\[[^\\]]*])*]\\(<?([^)\\s>]+)>?(?:\\s+\"[^\"]*\")?\\)");
    private static final Pattern DEFINITION = Pattern.compile("(?m)^\\[[^\\]]+]:\\s+(\\S+)");
    private static final Pattern CODE = Pattern.compile("`+[^`]+`+");
    private static final Pattern HEADING = Pattern.compile("(?m)^#{1,6} +(.+?) *#*$");
    private static final Pattern ID = Pattern.compile("<a (?:id|name)=\"([^\"]+)\"");

    private final Path file;
    private final String text;
    private final Map<Path, String> documents;

    Links(Path file, String text, Map<Path, String> documents) {
        this.file = file;
        this.text = text;
        this.documents = documents;
    }

    /** The links that lead to nothing, each with its file. */
    List<String> broken() {
        return relative().stream()
                .filter(target -> !leadsSomewhere(target))
                .map(target -> file + " -> " + target)
                .toList();
    }

    /** The targets of all relative links. */
    List<String> relative() {
        String prose = CODE.matcher(Fences.without(text)).replaceAll("x");
        List<String> targets = new ArrayList<>();
        LINK.matcher(prose).results().forEach(link -> targets.add(link.group(1)));
        DEFINITION.matcher(prose).results().forEach(link -> targets.add(link.group(1)));
        return targets.stream().filter(target -> !target.matches("[a-z]+:.*")).toList();
    }

    private boolean leadsSomewhere(String target) {
        String path = target.replaceFirst("#.*", "");
        Path directory = file.getParent() == null ? Path.of("") : file.getParent();
        Path found = path.isEmpty() ? file : directory.resolve(path).normalize();
        if (!Files.exists(found)) {
            return false;
        }
        String anchor = target.contains("#") ? target.replaceFirst(".*#", "") : "";
        return anchor.isEmpty()
                || !documents.containsKey(found)
                || anchors(documents.get(found)).contains(anchor);
    }

    private static Set<String> anchors(String markdown) {
        String prose = Fences.without(markdown);
        Set<String> anchors = new HashSet<>();
        Map<String, Integer> seen = new HashMap<>();
        HEADING.matcher(prose).results().forEach(heading -> {
            String slug = slug(heading.group(1));
            int before = seen.merge(slug, 1, Integer::sum) - 1;
            anchors.add(before == 0 ? slug : slug + "-" + before);
        });
        ID.matcher(prose).results().forEach(id -> anchors.add(id.group(1)));
        return anchors;
    }

    /** Letters, digits, dashes and underscores in lower case; a space becomes a dash, everything else is left out. */
    static String slug(String heading) {
        return heading.replaceAll("\\[([^\\]]*)]\\([^)]*\\)", "$1")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^\\p{L}\\p{N}\\p{M} _-]", "")
                .replace(' ', '-');
    }
}
