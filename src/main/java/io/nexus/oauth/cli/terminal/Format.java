package io.nexus.oauth.cli.terminal;

import java.util.Locale;

/** In which form results are printed. */
public enum Format {
    /** A table on a terminal, else fields separated by tabs. */
    TABLE,
    /** The same with all columns. */
    WIDE,
    /** JSON as the service answered it. */
    JSON,
    /** The same as YAML. */
    YAML,
    /** Only what names each of them. */
    NAME;

    /** As it is typed. */
    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
