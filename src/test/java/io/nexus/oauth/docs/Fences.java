package io.nexus.oauth.docs;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * The fenced blocks of a Markdown text, and the comments that hide one: {@code <!-- shell} to {@code -->}. A fence or comment that is
 * not closed is a failure.
 */
final class Fences {

    private static final String HIDDEN = "<!-- shell";

    private Fences() {}

    /**
     * A block.
     *
     * @param language what stands behind the fence; {@code shell} for a comment
     * @param line the line of its fence, from 1 on
     * @param indented whether its fence does not start in the first column
     * @param text its lines
     */
    record Block(String language, int line, boolean indented, String text) {}

    /** The blocks of {@code markdown} in their order. */
    static List<Block> of(String markdown) {
        List<Block> blocks = new ArrayList<>();
        List<String> lines = markdown.lines().toList();
        int at = 0;
        while (at < lines.size()) {
            String line = lines.get(at);
            String fence = line.strip().startsWith("```") ? "```" : line.strip().equals(HIDDEN) ? "-->" : null;
            if (fence == null) {
                at++;
                continue;
            }
            int end = at + 1;
            while (end < lines.size() && !lines.get(end).strip().equals(fence)) {
                end++;
            }
            if (end == lines.size()) {
                throw new AssertionError("the block in line " + (at + 1) + " is not closed");
            }
            blocks.add(new Block(
                    fence.equals("```") ? line.strip().substring(3).strip() : "shell",
                    at + 1,
                    !line.equals(line.strip()),
                    lines.subList(at + 1, end).stream().collect(Collectors.joining("\n", "", "\n"))));
            at = end + 1;
        }
        return blocks;
    }

    /** {@code markdown} without its blocks; a line of a block is an empty line. */
    static String without(String markdown) {
        List<String> lines = new ArrayList<>(markdown.lines().toList());
        for (Block block : of(markdown)) {
            int length = (int) block.text().lines().count() + 2;
            for (int at = block.line() - 1; at < block.line() - 1 + length; at++) {
                lines.set(at, "");
            }
        }
        return String.join("\n", lines);
    }
}
