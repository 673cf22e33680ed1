package io.nexus.oauth.access.caller;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** A set of permissions. A caller has only the roles that were given to it; everything else is denied. */
public enum Role {
    /** Get access tokens. */
    TOKEN_READER(Role.Names.TOKEN_READER),
    /** Exchange a user's token for one of that user's account or of an API, and get no other one (RFC 8693). */
    TOKEN_EXCHANGER(Role.Names.TOKEN_EXCHANGER),
    /** Connect, store, reconnect, refresh and revoke; no tokens. */
    CONNECTOR(Role.Names.CONNECTOR),
    /** List, describe, test and revoke the tenant's credentials, and manage its OAuth clients; no tokens. */
    TENANT_ADMIN(Role.Names.TENANT_ADMIN),
    /** Manage providers and the API keys of every tenant; no tokens. */
    ADMIN(Role.Names.ADMIN),
    /** Read the audit trail; change nothing. */
    AUDITOR(Role.Names.AUDITOR),
    /** Export the tenant's grants with their refresh tokens, sealed to a key. Allows nothing else. */
    EXPORTER(Role.Names.EXPORTER);

    private final String label;

    Role(String label) {
        this.label = label;
    }

    /** The name on the wire. */
    public String label() {
        return label;
    }

    /** The role called {@code label}. */
    public static Optional<Role> of(String label) {
        return Arrays.stream(values()).filter(role -> role.label.equals(label)).findFirst();
    }

    /** The names of all roles, for messages. */
    public static String labels() {
        return Arrays.stream(values()).map(Role::label).collect(Collectors.joining(", "));
    }

    /** The names as constants, for annotations. */
    public static final class Names {
        /** {@link Role#TOKEN_READER}. */
        public static final String TOKEN_READER = "token-reader";

        /** {@link Role#TOKEN_EXCHANGER}. */
        public static final String TOKEN_EXCHANGER = "token-exchanger";

        /** {@link Role#CONNECTOR}. */
        public static final String CONNECTOR = "connector";

        /** {@link Role#TENANT_ADMIN}. */
        public static final String TENANT_ADMIN = "tenant-admin";

        /** {@link Role#ADMIN}. */
        public static final String ADMIN = "admin";

        /** {@link Role#AUDITOR}. */
        public static final String AUDITOR = "auditor";

        /** {@link Role#EXPORTER}. */
        public static final String EXPORTER = "exporter";

        private Names() {}
    }
}
