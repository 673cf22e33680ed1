package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * {@code statuses.md}: the values of fields from the Javadoc of the wire's records, and the stable codes. A place is a record and a
 * component of it, or {@code codes:} and a group of {@code codes.yaml}.
 */
final class StatusesPage implements Page {

    /** Where an enumeration stands behind a field: both have the same values. */
    private static final Map<String, String> ENUMS = Map.of(
            "CredentialView.state", "CredentialState",
            "CredentialView.status", "CredentialStatus",
            "TokenView.refreshState", "Freshness",
            "RevocationView.atProvider", "AtProvider",
            "TestView.provider", "ValidationReply");

    @Override
    public String name() {
        return "statuses";
    }

    @Override
    public Map<String, String> parts(List<String> places) throws IOException {
        Map<String, Map<String, String>> codes = codes();
        checkCodes(codes);
        Map<String, String> parts = new LinkedHashMap<>();
        for (String place : places) {
            parts.put(place, place.startsWith("codes:") ? list(codes.get(place.substring(6))) : list(values(place)));
        }
        assertThat(places)
                .containsAll(
                        codes.keySet().stream().map(group -> "codes:" + group).toList());
        return parts;
    }

    /** The meanings of the codes, by group and code. */
    static Map<String, Map<String, String>> codes() throws IOException {
        return new ObjectMapper(new YAMLFactory())
                .readValue(
                        Path.of("src/test/resources/io/nexus/oauth/docs/codes.yaml")
                                .toFile(),
                        new com.fasterxml.jackson.core.type.TypeReference<>() {});
    }

    private static Map<String, String> values(String place) {
        String record = place.replaceFirst("\\.[^.]*$", "");
        String component = Markdown.separated(place.replaceFirst(".*\\.", ""), '_');
        Map<String, String> values = Records.of(Records.wire(record)).stream()
                .filter(each -> each.name().equals(component))
                .findFirst()
                .orElseThrow(() -> new AssertionError("there is no " + place))
                .values();
        assertThat(values).as(place).isNotEmpty();
        if (ENUMS.containsKey(place)) {
            assertThat(values.keySet())
                    .as(place)
                    .isEqualTo(Enums.of(Sources.main().type(ENUMS.get(place))).stream()
                            .map(Enums.Constant::wire)
                            .collect(Collectors.toSet()));
        }
        return values;
    }

    /** Every code of the list is in the source, and every code that the source gives to an outcome is in the list. */
    private static void checkCodes(Map<String, Map<String, String>> codes) {
        Set<String> listed = new TreeSet<>();
        codes.values().forEach(group -> listed.addAll(group.keySet()));
        assertThat(Literals.main().all())
                .as("codes.yaml lists codes of the source")
                .containsAll(listed);
        assertThat(listed)
                .as("codes.yaml lists all codes of outcomes")
                .containsAll(Literals.main().ofOutcomes());
    }

    private static String list(Map<String, String> values) {
        return values.entrySet().stream()
                .map(value -> Markdown.item("`" + value.getKey() + "`: " + Markdown.sentence(value.getValue())))
                .collect(Collectors.joining("\n"));
    }
}
