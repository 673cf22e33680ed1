package io.nexus.oauth.web.connect;

import io.nexus.oauth.connect.theme.Theme;
import io.nexus.oauth.connect.theme.ThemeFile;
import io.nexus.oauth.credential.ConnectSession;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The frame of a page: its language and its theme. */
final class Look {

    private Look() {}

    /**
     * The frame of a page.
     *
     * @param locale the language of the page
     * @param theme the theme of the tenant, or the general one
     */
    public record Frame(Locale locale, Theme theme) {

        /** The language tag (BCP 47). */
        public String language() {
            return locale.toLanguageTag();
        }

        /** The value of {@code color-scheme}. */
        public String colorScheme() {
            return isAuto() ? "light dark" : theme.scheme();
        }

        /** Whether the browser chooses between light and dark. */
        public boolean isAuto() {
            return theme.scheme().equals("auto");
        }

        /** Whether the page can be dark. */
        public boolean isDark() {
            return !theme.scheme().equals("light");
        }

        /** The organisation, or an empty text. */
        public String organisation() {
            return theme.name() == null ? "" : theme.name();
        }

        /** The path of the logo, or an empty text. */
        public String logo() {
            return path(theme.logo());
        }

        /** The path of the stylesheet with the accent colour, or an empty text. */
        public String style() {
            return path(theme.style());
        }

        private static String path(@Nullable ThemeFile file) {
            return file == null ? "" : "/assets/theme/" + file.name();
        }
    }

    /**
     * The report of a result page in a pop-up window.
     *
     * @param origin to the page of this origin only
     * @param session the id of the session
     * @param status {@code connected} or {@code failed}
     * @param error the code, or an empty text
     */
    public record PopUp(String origin, String session, String status, String error) {

        /** The report about {@code session}; null when no page waits for one. */
        static @Nullable PopUp of(ConnectSession session) {
            return session.origin() == null
                    ? null
                    : new PopUp(
                            session.origin(),
                            session.id().toString(),
                            session.status().value(),
                            Objects.requireNonNullElse(session.error(), ""));
        }
    }

    /**
     * A provider as a page shows it.
     *
     * @param name its name
     * @param icon the path of its icon, or an empty text
     */
    public record ProviderMark(String name, String icon) {

        /** The letter for a provider without an icon. */
        public String letter() {
            return name.substring(0, name.offsetByCodePoints(0, 1)).toUpperCase(Locale.ROOT);
        }
    }
}
