package io.nexus.oauth.cli.transfer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MappingIterator;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.Shell;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import org.jspecify.annotations.Nullable;

/** A file of JSON objects: JSON Lines, concatenated objects or one array. */
final class JsonSource implements GrantSource {

    /** Converts a JSON object into a grant. */
    interface Reader {

        /** {@code name} is the object's number. */
        Found read(String name, JsonNode object);
    }

    private final MappingIterator<JsonNode> objects;
    private final Reader reader;
    private long number;

    JsonSource(Shell shell, String file, Reader reader) {
        this.reader = reader;
        try {
            InputStream text = file.equals("-") ? shell.in() : Files.newInputStream(shell.expanded(file));
            this.objects = Json.MAPPER.readerFor(JsonNode.class).readValues(text);
        } catch (IOException e) {
            throw CommandFailure.usage("cannot read " + file + ": " + Shell.reason(e));
        }
    }

    @Override
    public long total() {
        return 0;
    }

    @Override
    public @Nullable Found next() throws IOException {
        try {
            if (!objects.hasNextValue()) {
                return null;
            }
            JsonNode object = objects.nextValue();
            number++;
            return object.isObject()
                    ? reader.read("#" + number, object)
                    : Found.nothing("#" + number, "", Verdict.REFUSED, "is not a JSON object");
        } catch (JsonProcessingException e) {
            // the parser's message would quote the file, and with it a token
            throw new IOException("invalid JSON after object " + number);
        }
    }

    @Override
    public void close() throws IOException {
        objects.close();
    }
}
