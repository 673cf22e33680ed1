package io.nexus.oauth.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.api.KeysView;
import io.nexus.oauth.api.RotationView;
import io.nexus.oauth.cli.connection.ServerCommand;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.OutputOptions;
import io.nexus.oauth.cli.terminal.Pause;
import io.nexus.oauth.cli.terminal.Progress;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "keys", description = "List and rotate the master keys.")
final class KeysCommand extends ServerCommand {

    private static final String PATH = "/keys";

    @Mixin
    private OutputOptions output = new OutputOptions();

    KeysCommand(Shell shell) {
        super(shell);
    }

    @Override
    public Integer call() {
        return list(this, output);
    }

    private static int list(ServerCommand command, OutputOptions output) {
        output.print(command.shell, Listings.KEYS, () -> {
            JsonNode keys = command.api().get(PATH, Map.of());
            if (keys.path("counting").asBoolean()) {
                command.shell.note("The service is still counting rows. Until then no key is shown as retirable.");
            }
            return keys.path("keys").iterator();
        });
        return ExitCode.OK;
    }

    @Command(
            name = "list",
            description = "List the master keys with their rows and replicas, and whether they can be retired.")
    static final class ListKeys extends ServerCommand {

        @Mixin
        private OutputOptions output = new OutputOptions();

        ListKeys(Shell shell) {
            super(shell);
        }

        @Override
        public Integer call() {
            return list(this, output);
        }
    }

    @Command(
            name = "status",
            description = "Show the progress of the latest rotation. The exit code is 3 if there was none.")
    static final class Status extends ServerCommand {

        @Mixin
        private OutputOptions output = new OutputOptions();

        Status(Shell shell) {
            super(shell);
        }

        @Override
        public Integer call() {
            JsonNode rotation = api().get(PATH, Map.of()).path("rotation");
            if (!rotation.isObject()) {
                throw new CommandFailure(ExitCode.NOT_FOUND, Listings.ROTATION.none());
            }
            output.printOne(shell, Listings.ROTATION, rotation);
            return ExitCode.OK;
        }
    }

    @Command(
            name = "rotate",
            description = "Re-encrypt all data with the first key of the key files. Resumes an unfinished rotation.")
    static final class Rotate extends ServerCommand {

        @Option(names = "--no-wait", description = "Start the rotation and exit. The service continues it.")
        private boolean noWait;

        Rotate(Shell shell) {
            super(shell);
        }

        @Override
        public Integer call() {
            RotationView rotation = rotation(api().post(PATH + "/rotate", null));
            try (Progress progress = new Progress(shell, "rows")) {
                while (!noWait && !rotation.state().equals("done")) {
                    Long total = rotation.total();
                    progress.at(rotation.done(), total == null ? 0 : total);
                    Pause.seconds(1);
                    rotation = rotation(retrying(() -> api().get(PATH, Map.of())));
                }
            }
            shell.out().println(words(rotation));
            if (rotation.unreadable() > 0) {
                shell.warn(Text.counted(rotation.unreadable(), "row") + " could not be decrypted and were not changed");
            }
            return ExitCode.OK;
        }

        private String words(RotationView rotation) {
            return rotation.state().equals("done")
                    ? shell.terminal().mark(true) + " All data is encrypted with " + rotation.keyId() + ": "
                            + Text.counted(rotation.done(), "row")
                    : "The rotation to " + rotation.keyId() + " is running: " + Text.counted(rotation.done(), "row")
                            + " so far. See nexus oauth keys status";
        }

        private static RotationView rotation(JsonNode answer) {
            @Nullable RotationView rotation = Json.read(answer, KeysView.class).rotation();
            if (rotation == null) {
                throw new CommandFailure(ExitCode.FAILED, "the service reports no rotation");
            }
            return rotation;
        }
    }
}
