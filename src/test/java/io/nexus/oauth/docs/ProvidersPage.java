package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import io.nexus.oauth.provider.catalogue.CatalogueReader;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Lifetimes;
import io.nexus.oauth.provider.egress.UrlRule;
import io.nexus.oauth.provider.entry.ProfileTerm.IdentitySource;
import io.nexus.oauth.provider.entry.ProfileTerm.RevokeStyle;
import io.nexus.oauth.provider.entry.ProfileVariable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** {@code providers.md}: a table of the providers of each file of the built-in catalogue, and the variables of those that have some. */
final class ProvidersPage implements Page {

    private static final Path RESOURCES = Path.of("src/main/resources");
    private static final String HEAD = """

            | id | name | access token | refresh token | rotation | revocation | account | unconfirmed |
            |---|---|---|---|---|---|---|---|
            """;
    private static final String NOTHING = "–";
    private static final Pattern ENTRY = Pattern.compile("(?m)^  ([a-z0-9-]+):");

    @Override
    public String name() {
        return "providers";
    }

    @Override
    public Map<String, String> parts(List<String> places) throws IOException {
        Map<String, ProviderProfile> profiles = CatalogueReader.read(List.of(), new UrlRule(false)).stream()
                .collect(Collectors.toMap(ProviderProfile::id, Function.identity(), (a, b) -> a, LinkedHashMap::new));
        StringBuilder tables = new StringBuilder();
        for (String file : CatalogueReader.BUILT_IN) {
            String text = Files.readString(RESOURCES.resolve(file));
            Map<String, Long> unconfirmed = unconfirmed(text);
            JsonNode entries = new YAMLMapper().readTree(text).get("providers");
            assertThat(unconfirmed.keySet())
                    .as("entries of %s", file)
                    .containsExactlyElementsOf(
                            entries.properties().stream().map(Map.Entry::getKey).toList());
            tables.append("\n## ").append(kind(text)).append('\n').append(HEAD);
            unconfirmed.forEach((id, count) -> tables.append(row(profiles.get(id), count)));
        }
        return Map.of("tables", tables.toString(), "variables", variables(profiles), "consoles", consoles(profiles));
    }

    /** The first sentence of the comment that a file begins with. */
    private static String kind(String text) {
        return text.lines().skip(1).findFirst().orElseThrow().replaceFirst("^# ([^.]+)\\..*$", "$1");
    }

    /** How often an entry, or the comment before it, says that a value is not the vendor's. */
    private static Map<String, Long> unconfirmed(String text) {
        Map<String, Long> counts = new LinkedHashMap<>();
        StringBuilder comment = new StringBuilder();
        String id = "";
        for (String line : text.lines().skip(4).toList()) {
            var entry = ENTRY.matcher(line);
            boolean begins = entry.find();
            id = begins ? entry.group(1) : id;
            if (line.startsWith("  #")) {
                comment.append(line);
            } else {
                String read = begins ? comment + line : line;
                counts.merge(id, (long) read.split("unconfirmed", -1).length - 1, Long::sum);
                comment.setLength(begins ? 0 : comment.length());
            }
        }
        counts.remove("");
        return counts;
    }

    private static String row(@Nullable ProviderProfile profile, long unconfirmed) {
        ProviderProfile known = Objects.requireNonNull(profile);
        String name = known.display().console() == null ? known.name() : "[%s][%s]".formatted(known.name(), known.id());
        Lifetimes ttl = known.ttl();
        String row = "| %s | %s | %s | %s | %s | %s | %s | %s |%n"
                .formatted(
                        Markdown.code(known.id()),
                        name,
                        ttl.endless() ? "no end" : lifetime(ttl.access()),
                        refreshToken(ttl),
                        known.refresh().rotation().name().toLowerCase(Locale.ROOT),
                        known.revoke().style() == RevokeStyle.NONE
                                ? NOTHING
                                : known.revoke().endsGrant() ? "grant" : "token",
                        known.identity().id() == null
                                ? NOTHING
                                : account(known.identity().from()),
                        unconfirmed == 0 ? NOTHING : unconfirmed);
        assertThat(row.length()).as(row).isLessThan(160);
        return row;
    }

    private static String refreshToken(Lifetimes ttl) {
        if (ttl.refreshFixed() != null) {
            return lifetime(ttl.refreshFixed()) + " from the consent";
        }
        List<String> ends = new ArrayList<>();
        if (ttl.refreshIdle() != null) {
            ends.add(lifetime(ttl.refreshIdle()) + " unused");
        }
        if (ttl.refreshMax() != null) {
            ends.add(lifetime(ttl.refreshMax()) + " in all");
        }
        return ends.isEmpty() ? NOTHING : String.join(", ", ends);
    }

    private static String account(IdentitySource from) {
        return switch (from) {
            case USERINFO -> "request";
            case TOKEN -> "token response";
            case CALLBACK -> "callback";
            case ID_TOKEN -> "ID token";
        };
    }

    private static String lifetime(@Nullable Duration length) {
        if (length == null) {
            return NOTHING;
        }
        if (length.toSeconds() % 86_400 == 0) {
            return length.toDays() + " d";
        }
        return length.toSeconds() % 3_600 == 0 ? length.toHours() + " h" : length.toMinutes() + " min";
    }

    private static String variables(Map<String, ProviderProfile> profiles) {
        return profiles.values().stream()
                .map(profile -> Map.entry(
                        profile.id(),
                        profile.vars().entrySet().stream()
                                .filter(each -> each.getValue().from().equals(ProfileVariable.INPUT))
                                .map(each -> Markdown.code(each.getKey()) + note(each.getValue()))
                                .collect(Collectors.joining(", "))))
                .filter(each -> !each.getValue().isEmpty())
                .map(each -> Markdown.item(Markdown.code(each.getKey()) + ": " + each.getValue() + "."))
                .collect(Collectors.joining("\n"));
    }

    private static String note(ProfileVariable variable) {
        if (variable.fallback() != null) {
            return " (default " + Markdown.code(variable.fallback()) + ")";
        }
        if (!variable.allowHosts().isEmpty()) {
            return " (" + Markdown.codes(variable.allowHosts()) + ")";
        }
        return variable.optional() ? " (optional)" : "";
    }

    private static String consoles(Map<String, ProviderProfile> profiles) {
        return profiles.values().stream()
                .filter(profile -> profile.display().console() != null)
                .map(profile ->
                        "[%s]: %s".formatted(profile.id(), profile.display().console()))
                .collect(Collectors.joining("\n"));
    }
}
