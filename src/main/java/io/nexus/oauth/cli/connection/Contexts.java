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

/** The stored contexts. A context holds the address of a service, a tenant and a login. */
public final class Contexts {

    private final Path file;
    private final Stored stored;

    private Contexts(Path file, Stored stored) {
        this.file = file;
        this.stored = stored;
    }

    /** The contexts of the user; empty when there is no file yet. Warns when others may read a stored key. */
    public static Contexts of(Shell shell) {
        Path file = shell.folder("XDG_CONFIG_HOME", ".config").resolve("config.yaml");
        try {
            Stored stored = mapper().readValue(Files.readString(file), Stored.class);
            boolean secret = stored.contexts.values().stream().anyMatch(context -> context.apiKey() != null);
            if (secret && PrivateFile.isOpen(file)) {
                shell.warn(file + " holds an API key and is readable by others; run: chmod 600 " + file);
            }
            return new Contexts(file, stored);
        } catch (NoSuchFileException e) {
            return new Contexts(file, new Stored());
        } catch (JsonProcessingException e) {
            // the parser's message would quote the file, and with it a key
            JsonLocation at = e.getLocation();
            throw CommandFailure.usage(
                    file + " is not a valid context file" + (at == null ? "" : ": see line " + at.getLineNr()));
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

    /** The context {@code name}. Fails with {@link ExitCode#NOT_FOUND} when there is none. */
    public Context get(String name) {
        return Optional.ofNullable(stored.contexts.get(name))
                .orElseThrow(() -> new CommandFailure(
                        ExitCode.NOT_FOUND,
                        "there is no context " + name + "; list them with: nexus oauth context list"));
    }

    /** The current context, if any. */
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

    /** The content of the file. */
    static final class Stored {
        public @Nullable String current;
        public SortedMap<String, Context> contexts = new TreeMap<>();
    }

    /**
     * A stored context.
     *
     * @param server the base URL of the service
     * @param tenant the tenant of requests, or null for the caller's own
     * @param apiKey the API key, or null
     * @param apiKeyFile the file with the API key, or null
     * @param tokenFile the file with a token, or null
     * @param caFile the PEM file of trusted certificate authorities, or null for Java's
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
