package io.nexus.oauth.credential;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Which credentials a list shows.
 *
 * @param provider only of this provider, or null
 * @param user only of this user, or null
 * @param status only of this status, or null
 * @param limits only those that the caller may touch
 * @param after only those that follow this position, or null for the beginning
 */
public record CredentialFilter(
        @Nullable String provider,
        @Nullable String user,
        @Nullable CredentialStatus status,
        AccessLimits limits,
        @Nullable Position after) {

    /** Everything, from the beginning. */
    public static final CredentialFilter ALL = new CredentialFilter(null, null, null, null);

    /** Of a caller who may touch everything. */
    public CredentialFilter(
            @Nullable String provider,
            @Nullable String user,
            @Nullable CredentialStatus status,
            @Nullable Position after) {
        this(provider, user, status, AccessLimits.ALL, after);
    }

    /** The same from {@code last} on. */
    public CredentialFilter after(StoredCredential last) {
        return new CredentialFilter(
                provider,
                user,
                status,
                limits,
                new Position(last.createdAt(), last.key().id()));
    }

    /** A place in the list: the creation and id of the last credential seen. */
    public record Position(Instant createdAt, UUID id) {}
}
