package io.nexus.oauth.cli;

import io.nexus.oauth.cli.terminal.Shell;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** The user's browser. */
final class Browser {

    private Browser() {}

    /** Opens {@code url} without waiting. Returns false when there is no desktop or the browser cannot be started. */
    static boolean open(Shell shell, String url) {
        Optional<List<String>> command = command(shell, url);
        // the opener would also open a file or start a program
        if (command.isEmpty() || !url.matches("https?://.*")) {
            return false;
        }
        try {
            new ProcessBuilder(command.get())
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static Optional<List<String>> command(Shell shell, String url) {
        Optional<String> chosen = shell.env("BROWSER");
        if (chosen.isPresent()) {
            return Optional.of(List.of(chosen.get(), url));
        }
        if (System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("mac")) {
            return Optional.of(List.of("open", url));
        }
        boolean desktop =
                shell.env("DISPLAY").isPresent() || shell.env("WAYLAND_DISPLAY").isPresent();
        return desktop ? Optional.of(List.of("xdg-open", url)) : Optional.empty();
    }
}
