package io.nexus.oauth.cli.terminal;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** A table on a terminal. It has a frame if that fits; otherwise it has none, and wide columns are cut. */
final class Table {

    private static final int FRAME_WIDTH = 3;
    private static final int COLUMN_GAP = 2;
    private static final int MIN_COLUMN_WIDTH = 8;

    private final Terminal terminal;
    private final List<String> titles;
    private final List<List<String>> rows;
    private final List<Integer> widths;

    Table(Terminal terminal, List<String> titles, List<List<String>> rows) {
        this.terminal = terminal;
        this.titles = titles;
        this.rows = rows;
        this.widths = IntStream.range(0, titles.size()).mapToObj(this::width).toList();
    }

    /** Whether the table fits the terminal with its frame. */
    boolean fits() {
        return fits(widths.stream().mapToInt(width -> width + FRAME_WIDTH).sum() + 1);
    }

    /** Prints the table. With {@code whole}, nothing is cut, however wide it is. */
    void print(PrintStream out, boolean withTitles, boolean whole) {
        if (terminal.unicode() && fits()) {
            framed(out, withTitles);
            return;
        }
        List<Integer> cut = whole ? widths : cut();
        if (withTitles) {
            out.println(line(titles, cut, "", " ".repeat(COLUMN_GAP), ""));
        }
        rows.forEach(row -> out.println(line(row, cut, "", " ".repeat(COLUMN_GAP), "")));
    }

    private void framed(PrintStream out, boolean withTitles) {
        out.println(border("┌─", "─┬─", "─┐"));
        if (withTitles) {
            List<String> bold = titles.stream().map(terminal::bold).toList();
            out.println(line(bold, widths, "│ ", " │ ", " │"));
            out.println(border("├─", "─┼─", "─┤"));
        }
        rows.forEach(row -> out.println(line(row, widths, "│ ", " │ ", " │")));
        out.println(border("└─", "─┴─", "─┘"));
    }

    private boolean fits(int width) {
        return terminal.columns() == 0 || width <= terminal.columns();
    }

    /** The column widths, with the widest columns narrowed until the table fits or all have the minimum width. */
    private List<Integer> cut() {
        List<Integer> narrow = new ArrayList<>(widths);
        while (!fits(narrow.stream().mapToInt(Integer::intValue).sum() + COLUMN_GAP * (narrow.size() - 1))) {
            int widest = Collections.max(narrow);
            if (widest <= MIN_COLUMN_WIDTH) {
                break;
            }
            narrow.set(narrow.indexOf(widest), widest - 1);
        }
        return narrow;
    }

    private int width(int column) {
        return Math.max(
                Text.width(titles.get(column)),
                rows.stream().mapToInt(row -> visible(row.get(column))).max().orElse(0));
    }

    /** The visible width: escape sequences for colours take no columns. */
    private static int visible(String cell) {
        return Text.width(cell.replaceAll("\u001b\\[[0-9;]*m", ""));
    }

    private String line(List<String> cells, List<Integer> wide, String left, String between, String right) {
        String line = IntStream.range(0, cells.size())
                .mapToObj(i -> cell(cells.get(i), wide.get(i)))
                .collect(Collectors.joining(between, left, right));
        return line.stripTrailing();
    }

    private String cell(String cell, int width) {
        int room = width - visible(cell);
        return room < 0 ? Text.cut(cell, width, terminal.unicode() ? "…" : "~") : cell + " ".repeat(room);
    }

    private String border(String left, String between, String right) {
        return widths.stream().map("─"::repeat).collect(Collectors.joining(between, left, right));
    }
}
