package io.nexus.oauth.connect.theme;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.TenantId;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The themes of the settings. */
class ThemesTest {

    private static final String SVG = "<?xml version='1.0'?><svg xmlns='http://www.w3.org/2000/svg'/>";

    @TempDir
    Path files;

    @Test
    void aTenantOverridesSingleValues() throws IOException {
        Path logo = Files.writeString(files.resolve("logo"), SVG);
        Themes themes = themes(Map.of(
                "name", "Acme",
                "accent", "#0b5cad",
                "contact", "help@acme.example",
                "logo", logo.toString(),
                "tenants.blue.name", "Blue",
                "tenants.blue.contact", "https://blue.example/help/",
                "tenants.blue.scheme", "dark"));

        Theme general = themes.of(new TenantId("other"));
        Theme blue = themes.of(new TenantId("blue"));

        assertThat(themes.faults()).isEmpty();
        assertThat(general).isSameAs(themes.general());
        assertThat(general.name()).isEqualTo("Acme");
        assertThat(general.scheme()).isEqualTo("auto");
        assertThat(general.contactUrl()).isEqualTo("mailto:help@acme.example");
        assertThat(blue.name()).isEqualTo("Blue");
        assertThat(blue.scheme()).isEqualTo("dark");
        assertThat(blue.contactUrl()).isEqualTo("https://blue.example/help/");
        assertThat(blue.contactText()).isEqualTo("blue.example/help");
        assertThat(blue.logo()).isSameAs(general.logo());
        assertThat(themes.file(general.logo().name())).containsSame(general.logo());
        assertThat(general.logo().type()).isEqualTo("image/svg+xml");
        assertThat(themes.file("nothing")).isEmpty();
    }

    @Test
    void withoutSettingsThePagesAreNeutral() {
        Theme theme = themes(Map.of()).general();

        assertThat(theme.name()).isNull();
        assertThat(theme.contactUrl()).isEmpty();
        assertThat(theme.style()).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "accent | blue | must be a colour such as #0b5cad",
                "accent | #fff | must be a colour such as #0b5cad",
                "scheme | sepia | must be auto, light or dark",
                "contact | javascript:alert(1) | must be an e-mail address or an https URL, 200 characters at most",
                "contact | http://help.example | must be an e-mail address or an https URL, 200 characters at most",
                "logo | /nowhere/logo.png | cannot be read"
            })
    void aFaultIsAFinding(String key, String value, String fault) {
        assertThat(themes(Map.of(key, value)).faults()).containsOnly(Map.entry("nexus.oauth.theme." + key, fault));
        assertThat(themes(Map.of("tenants.blue." + key, value)).faults())
                .containsOnly(Map.entry("nexus.oauth.theme.tenants.\"blue\"." + key, fault));
    }

    @Test
    void allFaultsAreFoundAtOnce() {
        assertThat(themes(Map.of("accent", "x", "scheme", "y", "name", "n".repeat(Themes.MAX_NAME + 1)))
                        .faults())
                .hasSize(3);
        assertThat(themes(Map.of("name", "n".repeat(Themes.MAX_NAME))).faults()).isEmpty();
        assertThat(themes(Map.of("contact", "a@" + "b".repeat(Themes.MAX_CONTACT)))
                        .faults())
                .hasSize(1);
    }

    @Test
    void theContentDecidesWhatALogoIs() throws IOException {
        byte[] png = Base64.getDecoder()
                .decode(
                        "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");
        assertThat(logo(png).general().logo().type()).isEqualTo("image/png");
        assertThat(logo(new byte[] {(byte) 0xff, (byte) 0xd8, (byte) 0xff, 0})
                        .general()
                        .logo()
                        .type())
                .isEqualTo("image/jpeg");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html xmlns='http://www.w3.org/1999/xhtml'/>",
                "<svg/>",
                "GIF89a",
                "<!DOCTYPE svg [<!ENTITY a 'b'>]><x>&a;</x>",
                "<svg xmlns='http://www.w3.org/2000/svg'"
            })
    void nothingElseIsALogo(String content) throws IOException {
        assertThat(logo(content.getBytes(StandardCharsets.UTF_8)).faults())
                .containsValue("must be a PNG, JPEG or SVG image");
    }

    @Test
    void aLogoHasABound() throws IOException {
        String most = SVG + " ".repeat(LogoReader.MAX_BYTES - SVG.length());

        assertThat(logo(most.getBytes(StandardCharsets.UTF_8)).faults()).isEmpty();
        assertThat(logo((most + " ").getBytes(StandardCharsets.UTF_8)).faults())
                .containsValue("must be 64 KiB at most");
    }

    /** Whatever the operator chooses. */
    @Property
    void textStaysReadable(@ForAll @IntRange(max = 0xffffff) int rgb) {
        AccentColour accent = AccentColour.parse("#%06x".formatted(rgb)).orElseThrow();

        assertThat(accent.contrast(accent.text())).isGreaterThanOrEqualTo(AccentColour.AA);
        for (AccentColour card : new AccentColour[] {AccentColour.LIGHT_CARD, AccentColour.DARK_CARD}) {
            assertThat(accent.readableOn(card).contrast(card)).isGreaterThanOrEqualTo(AccentColour.AA);
        }
        assertThat(accent.css()).contains("--brand: #%06x".formatted(rgb));
    }

    private Themes logo(byte[] content) throws IOException {
        return themes(Map.of("logo", Files.write(files.resolve("logo"), content).toString()));
    }

    private static Themes themes(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>();
        settings.forEach((key, value) -> all.put("nexus.oauth.theme." + key, value));
        return new Themes(new SmallRyeConfigBuilder()
                .withMapping(ThemeConfig.class)
                .withSources(new PropertiesConfigSource(all, "settings", 100))
                .build()
                .getConfigMapping(ThemeConfig.class));
    }
}
