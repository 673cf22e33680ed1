package io.nexus.oauth.cli;

import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.util.Map;
import java.util.Properties;
import picocli.CommandLine;

/** The commands as picocli knows them, for the reference. Nothing is executed. */
public final class CliModel {

    private CliModel() {}

    /** The whole tree, anew. */
    public static CommandLine tree() {
        PrintStream nowhere = new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8);
        return Commands.all(new Shell(
                Map.of(),
                Terminal.of(Map.of(), new Properties()),
                InputStream.nullInputStream(),
                nowhere,
                nowhere,
                Clock.systemUTC()));
    }
}
