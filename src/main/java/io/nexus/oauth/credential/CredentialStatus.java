package io.nexus.oauth.credential;

/** What is stored of a credential's state. Expiry is not: it is computed from the clock. */
public enum CredentialStatus {
    /** The grant is believed to work. */
    ACTIVE("active"),
    /** The provider ended the grant; the user has to connect again. */
    REAUTHORIZATION_REQUIRED("reauth_required"),
    /** Revoked here; it is never handed out again. */
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
        throw new IllegalArgumentException("not a credential status: " + value);
    }
}
