package io.nexus.oauth.cli;

import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Terminal;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.ZoneOffset;

/** The entry point of the command {@code nexus}. */
public final class Main {

    private Main() {}

    /** Runs a command and ends the process with its exit code. */
    public static void main(String[] args) {
        PrintStream out = stream(FileDescriptor.out);
        PrintStream err = stream(FileDescriptor.err);
        Shell shell = new Shell(
                System.getenv(),
                Terminal.of(System.getenv(), System.getProperties()),
                System.in,
                out,
                err,
                Clock.system(ZoneOffset.UTC));
        int exitCode = Commands.of(shell, args).execute(args);
        if (out.checkError() && exitCode == ExitCode.OK) {
            shell.note("nexus: " + Shell.OUTPUT_FAILED);
            exitCode = ExitCode.FAILED;
        }
        err.flush();
        if (Boolean.getBoolean("nexus.training")) {
            CdsTraining.run();
        }
        System.exit(exitCode);
    }

    /** UTF-8 in every locale, because programs read the output. */
    private static PrintStream stream(FileDescriptor descriptor) {
        return new PrintStream(
                new BufferedOutputStream(new FileOutputStream(descriptor), 8192), false, StandardCharsets.UTF_8);
    }
}
