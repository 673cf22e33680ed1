package io.nexus.oauth.connect;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Any return URL of a caller is an allowed address or is refused. */
class ReturnUrlPropertyTest {

    private static final String ALLOWED = "https://app.example/done";

    private final ReturnUrls urls = new ReturnUrls(new ConnectConfig() {
        @Override
        public Duration lifetime() {
            return Duration.ofMinutes(10);
        }

        @Override
        public Optional<List<String>> origins() {
            return Optional.empty();
        }

        @Override
        public Optional<List<URI>> returnUrls() {
            return Optional.of(List.of(URI.create(ALLOWED)));
        }

        @Override
        public Duration remembered() {
            return Duration.ofDays(1);
        }
    });

    @Property(tries = 5_000)
    void goesToTheAllowedAddressOrNowhere(@ForAll("tries") String url) {
        String chosen;
        try {
            chosen = urls.check(url);
        } catch (ConnectException.ReturnUrlNotAllowed e) {
            return;
        }
        assertThat(chosen).matches("(?i:https://app\\.example)/done(\\?[!-~]*)?");
        // as the pages join their own parameters
        URI whole = URI.create(chosen + (chosen.contains("?") ? "&" : "?") + "connect_session=1");
        assertThat(whole.getHost()).isEqualToIgnoringCase("app.example");
        assertThat(whole.getRawFragment()).isNull();
    }

    @Property
    void aQueryMayBeAdded(@ForAll("queries") String query) {
        assertThat(urls.check(ALLOWED + "?" + query)).isEqualTo(ALLOWED + "?" + query);
    }

    @Provide
    Arbitrary<String> queries() {
        return Arbitraries.strings().alpha().numeric().withChars("=&-._~").ofMaxLength(40);
    }

    /** The allowed address with parts inserted, removed or replaced. */
    @Provide
    Arbitrary<String> tries() {
        Arbitrary<String> piece = Arbitraries.oneOf(
                Arbitraries.of(
                        "//evil.example",
                        "\\evil.example",
                        "https:evil.example",
                        "user@",
                        "@evil.example",
                        "\r\n",
                        "%0d%0a",
                        "\u2024",
                        "\uff0e",
                        "\u560d\u560a",
                        "?\u560d\u560a",
                        "%2f%2f",
                        ".evil.example",
                        ":443",
                        ":",
                        "#",
                        "?",
                        "/..",
                        "/.",
                        ";",
                        "javascript:",
                        "data:",
                        "\t",
                        " ",
                        "\u0000",
                        "%00",
                        "?a=\u00e9",
                        "?next=https://evil.example"),
                Arbitraries.strings().ofMaxLength(5));
        Arbitrary<Integer> place = Arbitraries.integers().between(0, ALLOWED.length());
        return Combinators.combine(piece, place, place).as((text, from, to) -> {
            int first = Math.min(from, to);
            int last = text.hashCode() % 3 == 0 ? Math.max(from, to) : first;
            return ALLOWED.substring(0, first) + text + ALLOWED.substring(last);
        });
    }
}
