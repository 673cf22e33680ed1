package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** {@code audit-operations.md}: the operations of {@code audit-operations.yaml}, and the columns of a line. */
final class AuditOperationsPage implements Page {

    private static final Path SOURCE = Path.of("src/test/resources/io/nexus/oauth/docs/audit-operations.yaml");
    private static final String NONE = "none of these";
    private static final Pattern QUOTED = Pattern.compile("'([a-z_]+)'");

    @Override
    public String name() {
        return "audit-operations";
    }

    @Override
    public Map<String, String> parts(List<String> places) throws IOException {
        Map<String, Map<String, String>> groups = new ObjectMapper(new YAMLFactory())
                .readValue(SOURCE.toFile(), new TypeReference<LinkedHashMap<String, Map<String, String>>>() {});
        check(groups);
        Map<String, String> parts = new LinkedHashMap<>();
        groups.forEach((group, operations) -> {
            if (!group.equals(NONE)) {
                parts.put(group, list(operations));
            }
        });
        Map<String, String> columns = new LinkedHashMap<>();
        Records.of(Records.wire("AuditEntryView")).forEach(each -> columns.put(each.name(), each.text()));
        parts.put("columns", list(columns));
        return parts;
    }

    /** Every operation is in the source, and whatever ends like an operation there is listed as one, or as none. */
    private static void check(Map<String, Map<String, String>> groups) {
        Set<String> listed = new TreeSet<>();
        groups.values().forEach(group -> listed.addAll(group.keySet()));
        Set<String> texts = new TreeSet<>();
        for (String literal : Literals.main().all()) {
            texts.add(literal);
            QUOTED.matcher(literal).results().forEach(quoted -> texts.add(quoted.group(1)));
        }
        assertThat(texts).as("audit-operations.yaml lists texts of the source").containsAll(listed);
        String endings = listed.stream()
                .map(operation -> operation.replaceFirst(".*_", ""))
                .distinct()
                .collect(Collectors.joining("|"));
        assertThat(texts.stream().filter(text -> text.matches("[a-z]+(_[a-z]+)*_(" + endings + ")")))
                .as("audit-operations.yaml lists all operations of the source; what is none stands under '%s'", NONE)
                .allMatch(listed::contains);
    }

    private static String list(Map<String, String> texts) {
        return texts.entrySet().stream()
                .map(each -> Markdown.item(Markdown.code(each.getKey()) + ": " + Markdown.sentence(each.getValue())))
                .collect(Collectors.joining("\n"));
    }
}
