package io.nexus.oauth.connect.theme;

import io.nexus.oauth.credential.TenantId;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The themes from the settings, read once at the start. Never blocks afterwards. */
@ApplicationScoped
public class Themes {

    /** The most characters of an organisation's name. */
    static final int MAX_NAME = 60;

    /** The most characters of a contact. */
    static final int MAX_CONTACT = 200;

    private static final String PREFIX = "nexus.oauth.theme.";
    private static final Set<String> SCHEMES = Set.of("auto", "light", "dark");
    private static final Pattern CONTACT =
            Pattern.compile("[A-Za-z0-9._+-]+@[A-Za-z0-9.-]+|https://[A-Za-z0-9.-]+(:[0-9]{1,5})?(/[!-~&&[^\"<>]]*)?");

    private final Map<String, String> faults = new LinkedHashMap<>();
    private final Map<String, ThemeFile> files = new HashMap<>();
    private final Map<String, Theme> ofTenants = new HashMap<>();
    private final Theme general;

    Themes(ThemeConfig config) {
        this.general = read(
                PREFIX,
                new Values(config.name(), config.logo(), config.accent(), config.scheme(), config.contact()),
                new Theme(null, "auto", null, null, null));
        config.tenants()
                .forEach((tenant, own) -> ofTenants.put(
                        tenant,
                        read(
                                PREFIX + "tenants.\"" + tenant + "\".",
                                new Values(own.name(), own.logo(), own.accent(), own.scheme(), own.contact()),
                                general)));
    }

    /** The theme of pages that belong to no tenant. */
    public Theme general() {
        return general;
    }

    /** The theme of {@code tenant}. */
    public Theme of(TenantId tenant) {
        return ofTenants.getOrDefault(tenant.value(), general);
    }

    /** A logo or a stylesheet; empty when no theme has a file of that name. */
    public Optional<ThemeFile> file(String name) {
        return Optional.ofNullable(files.get(name));
    }

    /** The faults of the settings, by key. */
    public Map<String, String> faults() {
        return Map.copyOf(faults);
    }

    private Theme read(String prefix, Values values, Theme otherwise) {
        return new Theme(
                value(prefix + "name", values.name(), Themes::name).orElse(otherwise.name()),
                value(prefix + "scheme", values.scheme(), Themes::scheme).orElse(otherwise.scheme()),
                value(prefix + "contact", values.contact(), Themes::contact).orElse(otherwise.contact()),
                file(value(prefix + "logo", values.logo(), LogoReader::read), otherwise.logo()),
                file(value(prefix + "accent", values.accent(), Themes::style), otherwise.style()));
    }

    /** The converted value; empty when it is not set or has a fault. */
    private <T, R> Optional<R> value(String key, Optional<T> given, Function<T, R> conversion) {
        try {
            return given.map(conversion);
        } catch (IllegalArgumentException e) {
            faults.put(key, String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private @Nullable ThemeFile file(Optional<ThemeFile> own, @Nullable ThemeFile otherwise) {
        own.ifPresent(file -> files.put(file.name(), file));
        return own.orElse(otherwise);
    }

    private static String name(String text) {
        String name = text.strip();
        return checked(
                name,
                !name.isEmpty() && name.length() <= MAX_NAME && name.chars().noneMatch(Character::isISOControl),
                "must be 1 to " + MAX_NAME + " characters without line breaks");
    }

    private static String scheme(String text) {
        return checked(text, SCHEMES.contains(text), "must be auto, light or dark");
    }

    private static String contact(String text) {
        return checked(
                text,
                text.length() <= MAX_CONTACT && CONTACT.matcher(text).matches(),
                "must be an e-mail address or an https URL, " + MAX_CONTACT + " characters at most");
    }

    private static ThemeFile style(String text) {
        return AccentColour.parse(text)
                .map(colour -> ThemeFile.css(colour.css()))
                .orElseThrow(() -> new IllegalArgumentException("must be a colour such as #0b5cad"));
    }

    private static String checked(String text, boolean valid, String fault) {
        if (!valid) {
            throw new IllegalArgumentException(fault);
        }
        return text;
    }

    private record Values(
            Optional<String> name,
            Optional<Path> logo,
            Optional<String> accent,
            Optional<String> scheme,
            Optional<String> contact) {}
}
