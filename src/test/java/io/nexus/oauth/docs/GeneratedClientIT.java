package io.nexus.oauth.docs;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients that are generated from the OpenAPI document do the main job against the packaged service: connect an account, get a
 * token, report its rejection, revoke. One of the long forms, because it fetches generators and compilers.
 */
class GeneratedClientIT {

    private static final int MINUTES = 8;

    @TempDir
    static Path home;

    private static LocalService service;

    @BeforeAll
    static void start() throws Exception {
        service = new LocalService(home, "-Dnexus.oauth.refresh.min-interval=0s");
    }

    @AfterAll
    static void stop() throws Exception {
        service.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"java", "typescript", "python"})
    void theMainJobWorks(String language) throws Exception {
        Path output = home.resolve(language);
        ProcessBuilder builder = new ProcessBuilder(
                        "src/test/openapi/clients",
                        language,
                        "http://127.0.0.1:" + service.port(),
                        home.resolve(".nexus-oauth/api-key").toString())
                .redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process client = builder.start();
        boolean ended = client.waitFor(MINUTES, TimeUnit.MINUTES);
        if (!ended) {
            client.descendants().forEach(ProcessHandle::destroyForcibly);
            client.destroyForcibly().waitFor();
        }

        assertThat(Files.readString(output)).endsWith(language + ": done\n");
        assertThat(client.exitValue()).isZero();
    }
}
