package io.nexus.oauth.cli.terminal;

import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A kind of item that commands list.
 *
 * @param type its record in the API
 * @param one the noun after a total of one
 * @param many the noun after any other total
 * @param none the message for an empty list
 * @param grows whether items are only ever appended, so that --watch prints only new ones
 * @param name the name or id of an item, as other commands take it
 * @param columns the columns
 * @param <T> the record
 */
public record Listing<T>(
        Class<T> type,
        String one,
        String many,
        String none,
        boolean grows,
        Function<T, String> name,
        List<Column<T>> columns) {

    /**
     * The context in which a cell is shown.
     *
     * @param terminal the terminal
     * @param now the current time
     * @param narrow whether the table does not fit the terminal
     */
    public record View(Terminal terminal, Instant now, boolean narrow) {}

    /**
     * A column.
     *
     * @param title its title on a terminal
     * @param wide whether only {@code -o wide} shows it
     * @param plain its text for scripts
     * @param shown its text for people
     * @param <T> the record
     */
    public record Column<T>(String title, boolean wide, Function<T, String> plain, BiFunction<T, View, String> shown) {

        public static <T> Column<T> of(String title, Function<T, String> text) {
            return new Column<>(title, false, text, (item, view) -> text.apply(item));
        }

        public static <T> Column<T> wide(String title, Function<T, String> text) {
            return new Column<>(title, true, text, (item, view) -> text.apply(item));
        }

        /** The title for scripts. */
        String key() {
            return title.toUpperCase(java.util.Locale.ROOT).replace(' ', '_');
        }
    }
}
