package io.nexus.oauth.cli.connection;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.PrivateFile;
import io.nexus.oauth.cli.terminal.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The stored contexts: which service, which tenant, and who we are there. */
public final class Contexts {

    private final Path file;
    private final Stored stored;

    private Contexts(Path file, Stored stored) {
        this.file = file;
        this.stored = stored;
    }

    /** Those of the user; none when there is no file yet. */
    public static Contexts of(Shell shell) {
        Path file = shell.folder("XDG_CONFIG_HOME", ".config").resolve("config.yaml");
        try {
            Stored stored = mapper().readValue(Files.readString(file), Stored.class);
            boolean secret = stored.contexts.values().stream().anyMatch(context -> context.apiKey() != null);
            if (secret && PrivateFile.isOpen(file)) {
                shell.warn(file + " holds an API key and others may read it: chmod 600 " + file);
            }
            return new Contexts(file, stored);
        } catch (NoSuchFileException e) {
            return new Contexts(file, new Stored());
        } catch (JsonProcessingException e) {
            // the parser's message would quote the file, and with it a key
            JsonLocation at = e.getLocation();
            throw CommandFailure.usage(file + " is not as 'nexus oauth login' writes it"
                    + (at == null ? "" : ": look at line " + at.getLineNr()));
        } catch (IOException e) {
            throw CommandFailure.usage("cannot read " + file + ": " + Shell.reason(e));
        }
    }

    Path file() {
        return file;
    }

    public @Nullable String current() {
        return stored.current;
    }

    public SortedMap<String, Context> all() {
        return stored.contexts;
    }

    /** The context called {@code name}; fails when there is none. */
    public Context get(String name) {
        return Optional.ofNullable(stored.contexts.get(name))
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.NOT_FOUND,
                        "there is no context " + name + ": nexus oauth context list shows those there are"));
    }

    /** The one in use, if any. */
    Optional<Context> inUse() {
        String name = stored.current;
        return name == null ? Optional.empty() : Optional.of(get(name));
    }

    public void put(String name, Context context) {
        stored.contexts.put(name, context);
        write();
    }

    public void use(@Nullable String name) {
        stored.current = name;
        write();
    }

    public void remove(String name) {
        get(name);
        stored.contexts.remove(name);
        if (name.equals(stored.current)) {
            stored.current = null;
        }
        write();
    }

    private void write() {
        try {
            PrivateFile.write(file, mapper().writeValueAsString(stored));
        } catch (IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot write " + file + ": " + Shell.reason(e));
        }
    }

    private static ObjectMapper mapper() {
        return new ObjectMapper(new YAMLFactory().disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER))
                .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL);
    }

    /** The file as it is. */
    static final class Stored {
        public @Nullable String current;
        public SortedMap<String, Context> contexts = new TreeMap<>();
    }

    /**
     * One of them.
     *
     * @param server where the service is
     * @param tenant the tenant to name, or null
     * @param apiKey the key itself, or null
     * @param apiKeyFile the file with the key, or null
     * @param tokenFile the file with a token, or null
     * @param caFile the authorities to believe, or null
     */
    public record Context(
            String server,
            @Nullable String tenant,
            @Nullable String apiKey,
            @Nullable String apiKeyFile,
            @Nullable String tokenFile,
            @Nullable String caFile) {

        @JsonIgnore
        public Optional<Login> login() {
            if (tokenFile != null) {
                return Optional.of(Login.ofFile(tokenFile));
            }
            if (apiKeyFile != null) {
                return Optional.of(Login.ofFile(apiKeyFile));
            }
            return Optional.ofNullable(apiKey).map(Login::ofSecret);
        }

        /** Without the secret. */
        @Override
        public String toString() {
            return "Context[server=" + server + "]";
        }
    }
}
