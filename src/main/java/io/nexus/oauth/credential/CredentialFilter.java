package io.nexus.oauth.credential;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Selects the credentials of a list.
 *
 * @param provider only of this provider, or null
 * @param user only of this user, or null
 * @param status only of this status, or null
 * @param state only those in this state, or null
 * @param limits only those that the caller may use
 * @param after only those after this position, or null for the first page
 * @param userPrefix only those whose user begins with this text, byte by byte, or null
 * @param order the order of the list
 */
public record CredentialFilter(
        @Nullable String provider,
        @Nullable String user,
        @Nullable CredentialStatus status,
        @Nullable StateAt state,
        AccessLimits limits,
        @Nullable Position after,
        @Nullable String userPrefix,
        Order order) {

    /** All credentials, from the first page on. */
    public static final CredentialFilter ALL = new CredentialFilter(null, null, null, null);

    /** A filter for the list in the order of creation. */
    public CredentialFilter(
            @Nullable String provider,
            @Nullable String user,
            @Nullable CredentialStatus status,
            @Nullable StateAt state,
            AccessLimits limits,
            @Nullable Position after) {
        this(provider, user, status, state, limits, after, null, Order.OLDEST);
    }

    /** A filter for a caller without limits. */
    public CredentialFilter(
            @Nullable String provider,
            @Nullable String user,
            @Nullable CredentialStatus status,
            @Nullable Position after) {
        this(provider, user, status, null, AccessLimits.ALL, after);
    }

    /** This filter for the page after {@code last}. */
    public CredentialFilter after(StoredCredential last) {
        return new CredentialFilter(
                provider,
                user,
                status,
                state,
                limits,
                new Position(last.createdAt(), last.key().id(), last.account().user()),
                userPrefix,
                order);
    }

    /** A state at a time. */
    public record StateAt(CredentialState state, Instant now) {}

    /** The order of a list. */
    public enum Order {
        /** By creation, the oldest first. */
        OLDEST,
        /** By creation, the newest first. */
        NEWEST,
        /** By the bytes of the user's name. */
        USER
    }

    /** A position in the list: creation time, id and user of the last credential of a page. */
    public record Position(Instant createdAt, UUID id, String user) {

        /** A position in the order of creation. */
        public Position(Instant createdAt, UUID id) {
            this(createdAt, id, "");
        }
    }
}
