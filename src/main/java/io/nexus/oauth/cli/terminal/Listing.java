package io.nexus.oauth.cli.terminal;

import java.time.Instant;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * A kind of thing that commands print.
 *
 * @param type its record of the wire
 * @param counted what follows their number
 * @param none what is said when there is none
 * @param grows whether new ones only ever come at the end, so that who watches is shown these alone
 * @param name what names one of them in other commands
 * @param columns what is shown of it
 * @param <T> the record
 */
public record Listing<T>(
        Class<T> type, String counted, String none, boolean grows, Function<T, String> name, List<Column<T>> columns) {

    /**
     * What is shown in a cell.
     *
     * @param terminal where it is shown
     * @param now the time
     * @param narrow whether there is little room
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
