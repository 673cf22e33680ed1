package io.nexus.oauth.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A checked-in file that is made of others. {@code -Dnexus.update=true} writes it anew; otherwise a difference is a failure. */
final class Generated {

    private Generated() {}

    static void check(Path file, String content) throws IOException {
        if (Boolean.getBoolean("nexus.update")) {
            Files.writeString(file, content);
        }
        assertThat(content)
                .as(file + " is not what it is made of: ./mvnw test -Dtest='io.nexus.oauth.deploy.*Test'"
                        + " -Dnexus.test.args=-Dnexus.update=true writes it anew")
                .isEqualTo(Files.readString(file));
    }
}
