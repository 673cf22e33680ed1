package io.nexus.oauth.cli.terminal;

import java.util.Objects;

/** The version of this build, from the manifest of its jar. */
public final class Version {

    private Version() {}

    /** The version, or {@code unpackaged} when the classes are not in a jar. */
    public static String text() {
        return Objects.requireNonNullElse(Version.class.getPackage().getImplementationVersion(), "unpackaged");
    }
}
