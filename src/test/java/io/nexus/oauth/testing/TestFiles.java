package io.nexus.oauth.testing;

import java.nio.file.Path;

/** The files that tests write for the service under test; each fork of the build has its own. */
public final class TestFiles {

    private TestFiles() {}

    /** A path below the folder of this fork. */
    public static Path path(String first, String... more) {
        return Path.of(System.getProperty("nexus.test.files", "target/test-files"))
                .resolve(Path.of(first, more))
                .toAbsolutePath();
    }
}
