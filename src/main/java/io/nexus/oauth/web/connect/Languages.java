package io.nexus.oauth.web.connect;

import jakarta.ws.rs.core.HttpHeaders;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The languages of the pages. The browser's {@code Accept-Language} chooses (RFC 9110 section 12.5.4, RFC 4647 section 3.4). */
final class Languages {

    static final List<Locale> ALL = List.of(Locale.ENGLISH, Locale.GERMAN, Locale.FRENCH, Locale.of("es"));

    /** The longest {@code Accept-Language} that is read; a longer one means English. */
    static final int MAX_HEADER = 1_000;

    private Languages() {}

    static Locale of(HttpHeaders headers) {
        return of(headers.getHeaderString(HttpHeaders.ACCEPT_LANGUAGE));
    }

    /** The language that fits {@code header} best; English when none fits, and when the header cannot be read. */
    static Locale of(@Nullable String header) {
        if (header == null || header.isBlank() || header.length() > MAX_HEADER) {
            return Locale.ENGLISH;
        }
        try {
            return Optional.ofNullable(Locale.lookup(Locale.LanguageRange.parse(header), ALL))
                    .orElse(Locale.ENGLISH);
        } catch (IllegalArgumentException e) {
            return Locale.ENGLISH;
        }
    }
}
