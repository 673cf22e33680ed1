package io.nexus.oauth.cli.terminal;

import java.util.Objects;

/** The version of this build, as the manifest of its jar says it. */
public final class Version {

    private Version() {}

    /** {@code unpackaged} when the classes come from no jar. */
    public static String text() {
        return Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "unpackaged");
    }
}
