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
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** The query parameters of the audit trail. An empty parameter counts as absent. */
public class AuditQuery {

    private static final int DAY_LENGTH = "2026-01-31".length();
    private static final String NEWEST = "newest";
    private static final Pattern ID = Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

    /** PostgreSQL's range of dates is smaller than Java's. */
    private static final Instant MAX_TIME = Instant.parse("9999-12-31T23:59:59Z");

    /** The operation. */
    @QueryParam("operation")
    public @Nullable String operation;

    /** The provider. */
    @QueryParam("provider")
    public @Nullable String provider;

    /** The user of the account. */
    @QueryParam("user")
    public @Nullable String user;

    /** The id of the credential. */
    @QueryParam("credential_id")
    public @Nullable String credentialId;

    /** The caller. */
    @QueryParam("actor")
    public @Nullable String actor;

    /** The start of the period, inclusive: a time, or a day in UTC. */
    @QueryParam("from")
    public @Nullable String from;

    /** The end of the period, exclusive: a time, or a day in UTC. */
    @QueryParam("to")
    public @Nullable String to;

    /** The order: {@code oldest} first (the default) or {@code newest} first. */
    @QueryParam("order")
    public @Nullable String order;

    /** The id of the last entry of the previous page. */
    @QueryParam("cursor")
    public @Nullable String cursor;

    /** A query for the entries of one credential, newest first. */
    public static AuditQuery of(UUID credential) {
        AuditQuery query = new AuditQuery();
        query.credentialId = credential.toString();
        query.order = NEWEST;
        return query;
    }

    /** The filter of this query. Invalid parameters are added to {@code errors}. */
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

    /** Parses a cursor: an entry id or a position in the chain. Throws {@link IllegalArgumentException} for other text. */
    static long number(String cursor) {
        if (!cursor.matches("[0-9]{1,18}")) {
            throw new IllegalArgumentException(Cursor.INVALID);
        }
        return Long.parseLong(cursor);
    }

    private static UUID id(String text) {
        if (!ID.matcher(text).matches()) {
            throw new IllegalArgumentException("must be " + JsonFaults.AN_ID);
        }
        return UUID.fromString(text);
    }

    private static Instant time(String text) {
        try {
            Instant time = text.length() == DAY_LENGTH
                    ? LocalDate.parse(text).atStartOfDay(ZoneOffset.UTC).toInstant()
                    : Instant.parse(text);
            if (time.isBefore(Instant.EPOCH) || time.isAfter(MAX_TIME)) {
                throw new IllegalArgumentException("must be between 1970 and 9999");
            }
            return time;
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("must be a time like 2026-01-31T12:00:00Z, or a day like 2026-01-31");
        }
    }
}
