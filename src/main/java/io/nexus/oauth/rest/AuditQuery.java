package io.nexus.oauth.rest;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.event.AuditFilter;
import jakarta.ws.rs.QueryParam;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What a caller asks of the audit trail; an empty text asks for nothing in particular. */
public class AuditQuery {

    private static final int DAY = "2026-01-31".length();
    private static final String NEWEST = "newest";

    /** The database's calendar ends before Java's. */
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

    /** What was done. */
    @QueryParam("operation")
    public @Nullable String operation;

    /** At which provider. */
    @QueryParam("provider")
    public @Nullable String provider;

    /** Whose account. */
    @QueryParam("user")
    public @Nullable String user;

    /** To which credential. */
    @QueryParam("credential_id")
    public @Nullable String credentialId;

    /** Who asked for it. */
    @QueryParam("actor")
    public @Nullable String actor;

    /** Not before this: a time, or a day in UTC. */
    @QueryParam("from")
    public @Nullable String from;

    /** Before this: a time, or a day in UTC. */
    @QueryParam("to")
    public @Nullable String to;

    /** {@code oldest}, which is the default, or {@code newest}: what comes first. */
    @QueryParam("order")
    public @Nullable String order;

    /** The number of the last entry seen. */
    @QueryParam("cursor")
    public @Nullable String cursor;

    /** The newest lines of one credential. */
    public static AuditQuery of(UUID credential) {
        AuditQuery query = new AuditQuery();
        query.credentialId = credential.toString();
        query.order = NEWEST;
        return query;
    }

    /** With what is wrong added to {@code errors}. */
    AuditFilter filter(InputErrors errors) {
        return new AuditFilter(
                given(operation),
                given(provider),
                given(user),
                read(errors, "credential_id", credentialId, AuditQuery::id),
                given(actor),
                read(errors, "from", from, AuditQuery::time),
                read(errors, "to", to, AuditQuery::time),
                Objects.requireNonNullElse(read(errors, "order", order, AuditQuery::isNewestFirst), false),
                Objects.requireNonNullElse(read(errors, "cursor", cursor, AuditQuery::number), 0L),
                AccessLimits.ALL);
    }

    private static <T> @Nullable T read(
            InputErrors errors, String name, @Nullable String text, Function<String, T> conversion) {
        return Optional.ofNullable(given(text))
                .flatMap(given ->
                        errors.converted(name, Optional.<T>empty(), () -> Optional.of(conversion.apply(given))))
                .orElse(null);
    }

    private static @Nullable String given(@Nullable String text) {
        return text == null || text.isEmpty() ? null : text;
    }

    private static boolean isNewestFirst(String text) {
        if (!text.equals(NEWEST) && !text.equals("oldest")) {
            throw new IllegalArgumentException("must be oldest or newest");
        }
        return text.equals(NEWEST);
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
            Instant time = text.length() == DAY
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : Instant.parse(text);
            if (time.isBefore(Instant.EPOCH) || time.isAfter(LAST)) {
                throw new IllegalArgumentException("is no time of this service");
            }
            return time;
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("must be a time like 2026-01-31T12:00:00Z, or a day like 2026-01-31");
        }
    }
}
