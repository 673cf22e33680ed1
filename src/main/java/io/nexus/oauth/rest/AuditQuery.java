package io.nexus.oauth.rest;

import io.nexus.oauth.credential.AuditFilter;
import io.nexus.oauth.credential.Reach;
import jakarta.ws.rs.QueryParam;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a caller asks of the audit trail. */
class AuditQuery {

    /** The database's calendar ends before Java's. */
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

    @QueryParam("operation")
    @Nullable String operation;

    @QueryParam("provider")
    @Nullable String provider;

    @QueryParam("user")
    @Nullable String user;

    @QueryParam("credential_id")
    @Nullable String credentialId;

    @QueryParam("actor")
    @Nullable String actor;

    @QueryParam("from")
    @Nullable String from;

    @QueryParam("to")
    @Nullable String to;

    @QueryParam("cursor")
    @Nullable String cursor;

    /** With what is wrong added to {@code inputs}. */
    AuditFilter filter(Inputs inputs) {
        return new AuditFilter(
                operation,
                provider,
                user,
                read(inputs, "credential_id", credentialId, AuditQuery::id),
                actor,
                read(inputs, "from", from, AuditQuery::time),
                read(inputs, "to", to, AuditQuery::time),
                Objects.requireNonNullElse(read(inputs, "cursor", cursor, AuditQuery::number), 0L),
                Reach.ALL);
    }

    private static <T> @Nullable T read(
            Inputs inputs, String name, @Nullable String text, Function<String, T> conversion) {
        return Optional.ofNullable(text)
                .flatMap(given ->
                        inputs.converted(name, Optional.<T>empty(), () -> Optional.of(conversion.apply(given))))
                .orElse(null);
    }

    /** A place in the trail or its chain. */
    static long number(String cursor) {
        if (!cursor.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException("is not a cursor of this list");
        }
        return Long.parseLong(cursor);
    }

    private static UUID id(String text) {
        if (text.length() != 36) {
            throw new IllegalArgumentException("is not the id of a credential");
        }
        return UUID.fromString(text);
    }

    private static Instant time(String text) {
        try {
            Instant time = Instant.parse(text);
            if (time.isBefore(Instant.EPOCH) || time.isAfter(LAST)) {
                throw new IllegalArgumentException("is no time of this service");
            }
            return time;
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("must be a time like 2026-01-31T12:00:00Z");
        }
    }
}
