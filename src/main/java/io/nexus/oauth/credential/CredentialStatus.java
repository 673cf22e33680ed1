package io.nexus.oauth.credential;

import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The stored status of a credential. Expiry is not stored: the service computes it from the clock. */
public enum CredentialStatus {
    /** The grant works as far as the service knows. */
    ACTIVE("active"),
    /** The provider ended the grant; the user has to connect again. */
    REAUTHORIZATION_REQUIRED("reauth_required"),
    /** Revoked in this service, which never issues its token again. */
    REVOKED("revoked");

    private final String value;

    CredentialStatus(String value) {
        this.value = value;
    }

    /** The stored text. */
    public String value() {
        return value;
    }

    /** The status stored as {@code value}; throws {@link IllegalArgumentException} for any other text. */
    public static CredentialStatus of(String value) {
        for (CredentialStatus status : values()) {
            if (status.value.equals(value)) {
                return status;
            }
        }
        throw new IllegalArgumentException("must be one of "
                + Stream.of(values()).map(CredentialStatus::value).collect(Collectors.joining(", ")));
    }
}
