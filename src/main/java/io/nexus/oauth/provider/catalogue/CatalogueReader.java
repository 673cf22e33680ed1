package io.nexus.oauth.provider.catalogue;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import io.nexus.oauth.provider.egress.UrlRule;
import io.nexus.oauth.provider.entry.CatalogueSection;
import io.nexus.oauth.provider.entry.ExchangeCall;
import io.nexus.oauth.provider.entry.ProfileTerm.ExchangeStyle;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SequencedSet;
import java.util.stream.Stream;

/**
 * Reads catalogue files in four steps: this class reads YAML, ids and {@code extends}; {@link CatalogueSection} refuses unknown keys;
 * {@link ProfileReader} checks the type of each field; {@link ProfileRules} checks fields against each other. An entry of the operator
 * replaces an earlier one of the same id; no two built-in entries have the same id. An entry with {@code extends} overrides single keys of the named entry, map by map; null removes a key.
 * All findings are collected, so that the operator corrects a file once.
 */
public final class CatalogueReader {

    /** The files of the built-in catalogue, one for each kind of provider, as resources of the class path. */
    public static final List<String> BUILT_IN = Stream.of(
                    "office", "code", "work", "customers", "money", "social", "enterprise", "identity")
            .map(kind -> "providers/catalogue/" + kind + ".yaml")
            .toList();

    private static final String ID = "[a-z0-9][a-z0-9._-]{0,63}";

    private final ObjectMapper yaml = new ObjectMapper(YAMLFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build());
    private final UrlRule rule;
    private final List<String> findings = new ArrayList<>();
    private final Map<String, Entry> entries = new LinkedHashMap<>();

    public CatalogueReader(UrlRule rule) {
        this.rule = rule;
    }

    /**
     * The built-in catalogue and the operator's {@code files}; throws {@link IllegalStateException} with all findings.
     */
    public static List<ProviderProfile> read(List<Path> files, UrlRule rule) {
        CatalogueReader reader = new CatalogueReader(rule);
        reader.addBuiltIn();
        files.forEach(reader::add);
        return reader.profiles();
    }

    private void addBuiltIn() {
        for (String file : BUILT_IN) {
            try (InputStream in = CatalogueReader.class.getClassLoader().getResourceAsStream(file)) {
                if (in == null) {
                    throw new IllegalStateException(file + " is not on the class path");
                }
                addBuiltIn(file, in);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Adds a file in which an id of an earlier file is a mistake. */
    void addBuiltIn(String file, InputStream in) throws IOException {
        Map<String, Entry> before = Map.copyOf(entries);
        add(file, in);
        before.forEach((id, entry) -> {
            if (!entries.getOrDefault(id, entry).file().equals(entry.file())) {
                findings.add(file + ": " + id + ": is in " + entry.file() + ", too");
            }
        });
    }

    public void add(Path path) {
        try {
            for (Path file : Files.isDirectory(path) ? list(path) : List.of(path)) {
                try (InputStream in = Files.newInputStream(file)) {
                    add(file.toString(), in);
                }
            }
        } catch (IOException e) {
            findings.add(path + ": cannot be read");
        }
    }

    private static List<Path> list(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.filter(file -> file.toString().matches(".*\\.ya?ml"))
                    .sorted()
                    .toList();
        }
    }

    public void add(String file, InputStream in) throws IOException {
        try {
            CatalogueSection root = new CatalogueSection(file, "", yaml.readTree(in), findings);
            CatalogueSection providers = root.child("providers");
            root.finish();
            for (String id : providers.keys()) {
                add(file, id, providers.node(id));
            }
        } catch (JacksonException e) {
            findings.add(file + ": is not YAML: line "
                    + (e.getLocation() == null ? "?" : e.getLocation().getLineNr()) + ": "
                    + firstLine(e.getOriginalMessage()));
        }
    }

    private void add(String file, String id, JsonNode node) {
        if (!id.matches(ID)) {
            findings.add(file + ": " + id + ": a provider's id is made of a-z, 0-9, dot, - and _");
        } else if (node instanceof ObjectNode object) {
            entries.put(id, new Entry(file, object));
        } else {
            findings.add(file + ": " + id + ": must be a map");
        }
    }

    /** The profiles of all files; throws {@link IllegalStateException} with all findings. */
    public List<ProviderProfile> profiles() {
        List<ProviderProfile> profiles = new ArrayList<>();
        entries.forEach((id, entry) -> profiles.add(profile(id, entry)));
        profiles.forEach(profile -> checkIdentityProvider(profile, profiles));
        if (!findings.isEmpty()) {
            throw new IllegalStateException(
                    "the provider catalogue has " + findings.size() + " faults:\n  " + String.join("\n  ", findings));
        }
        return profiles;
    }

    private void checkIdentityProvider(ProviderProfile profile, List<ProviderProfile> all) {
        ExchangeCall exchange = profile.tokenExchange();
        String named = exchange == null ? null : exchange.identityProvider();
        boolean issues = all.stream()
                .filter(each -> each.id().equals(named))
                .map(ProviderProfile::tokenExchange)
                .anyMatch(each -> each != null && each.style() == ExchangeStyle.RFC8693);
        if (named != null && !issues) {
            findings.add(Objects.requireNonNull(entries.get(profile.id())).file() + ": " + profile.id()
                    + ": token_exchange.identity_provider: must be a provider with token_exchange of style rfc8693");
        }
    }

    private ProviderProfile profile(String id, Entry entry) {
        CatalogueSection section =
                new CatalogueSection(entry.file() + ": " + id, "", inherited(id, new LinkedHashSet<>()), findings);
        ProviderProfile profile = new ProfileReader(id, section).read();
        new ProfileRules(profile, section, rule).check();
        return profile;
    }

    private ObjectNode inherited(String id, SequencedSet<String> heirs) {
        Entry entry = entries.get(id);
        if (entry == null) {
            return JsonNodeFactory.instance.objectNode();
        }
        heirs.add(id);
        String parent = entry.node().path("extends").asText("");
        if (parent.isEmpty()) {
            return entry.node();
        }
        if (heirs.contains(parent) || !entries.containsKey(parent)) {
            String fault = heirs.contains(parent) ? "forms a cycle" : "there is no provider " + parent;
            findings.add(entry.file() + ": " + id + ": extends: " + fault);
            return entry.node();
        }
        return merge(inherited(parent, heirs), entry.node());
    }

    private static ObjectNode merge(ObjectNode below, ObjectNode above) {
        ObjectNode merged = below.deepCopy();
        above.properties().forEach(each -> {
            if (each.getValue().isNull()) {
                merged.remove(each.getKey());
                return;
            }
            JsonNode old = merged.get(each.getKey());
            boolean maps = old instanceof ObjectNode && each.getValue() instanceof ObjectNode;
            merged.set(each.getKey(), maps ? merge((ObjectNode) old, (ObjectNode) each.getValue()) : each.getValue());
        });
        return merged;
    }

    private static String firstLine(String text) {
        return text.lines().findFirst().orElse("");
    }

    private record Entry(String file, ObjectNode node) {}
}
