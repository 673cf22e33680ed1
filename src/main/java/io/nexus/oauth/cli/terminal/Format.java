package io.nexus.oauth.cli.terminal;

import java.util.Locale;

/** The output format of results. */
public enum Format {
    /** A table on a terminal; elsewhere fields separated by tabs. */
    TABLE,
    /** As {@link #TABLE}, with all columns. */
    WIDE,
    /** The JSON answer of the service. */
    JSON,
    /** The answer of the service as YAML. */
    YAML,
    /** Only the name or id of each item. */
    NAME;

    /** The name on the command line. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
