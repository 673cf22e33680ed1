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

@Command(name = "keys", description = "The master keys by their ids: list and rotate them.")
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
                command.shell.note("The rows are being counted: until that is done no key is called retirable.");
            }
            return keys.path("keys").iterator();
        });
        return ExitCode.OK;
    }

    @Command(name = "list", description = "The master keys: what refers to them, who holds them, which can be retired.")
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

    @Command(name = "status", description = "How far the newest rotation is. Exit code 3 when there was none.")
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
            description =
                    "Seal everything under the first key of the files, and show how far it is. Resumes what is running.")
    static final class Rotate extends ServerCommand {

        @Option(names = "--no-wait", description = "Start it and end; it goes on in the service.")
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
                    rotation = rotation(patiently(() -> api().get(PATH, Map.of())));
                }
            }
            shell.out().println(words(rotation));
            if (rotation.unreadable() > 0) {
                shell.warn(Text.counted(rotation.unreadable(), "row") + " did not open and stayed as they are");
            }
            return ExitCode.OK;
        }

        private String words(RotationView rotation) {
            return rotation.state().equals("done")
                    ? shell.terminal().mark(true) + " Everything is sealed under " + rotation.keyId() + ": "
                            + Text.counted(rotation.done(), "row")
                    : "The rotation to " + rotation.keyId() + " runs: " + Text.counted(rotation.done(), "row")
                            + " so far; nexus oauth keys status tells more";
        }

        private static RotationView rotation(JsonNode answer) {
            @Nullable RotationView rotation = Json.read(answer, KeysView.class).rotation();
            if (rotation == null) {
                throw new CommandFailure(ExitCode.FAILED, "the service knows of no rotation");
            }
            return rotation;
        }
    }
}
