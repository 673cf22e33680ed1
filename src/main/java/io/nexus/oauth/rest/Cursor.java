package io.nexus.oauth.rest;

import io.nexus.oauth.api.TenantSummaryView;
import io.nexus.oauth.credential.CredentialFilter;
import io.nexus.oauth.credential.StoredCredential;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Base64;
import java.util.UUID;

/** Cursors of lists: a position as opaque text. */
final class Cursor {

    /** PostgreSQL's range of dates is smaller than Java's. */
    private static final Instant MAX_TIME = Instant.parse("9999-12-31T23:59:59Z");

    /** The detail when a cursor is of another list, or of none. */
    static final String INVALID = "must be the next of the page before, in this list";

    /** What a cursor of the newest first begins with. */
    private static final String BACKWARDS = "-";

    private Cursor() {}

    /** A cursor of the list of credentials in {@code order}. */
    static String after(StoredCredential last, CredentialFilter.Order order) {
        String position = last.createdAt() + "/" + last.key().id();
        return opaque(
                switch (order) {
                    case OLDEST -> position;
                    case NEWEST -> BACKWARDS + position;
                    case USER -> position + "/" + last.account().user();
                });
    }

    /** A cursor of the list of days on which a credential was used. */
    static String before(LocalDate last) {
        return opaque(last.toString());
    }

    /** Parses a cursor of {@link #before}. Throws {@link IllegalArgumentException} for any other text. */
    static LocalDate day(String cursor) {
        try {
            LocalDate day = LocalDate.parse(new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8));
            if (day.getYear() < 1970 || day.getYear() > 9999) {
                throw new DateTimeException("day out of range");
            }
            return day;
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IllegalArgumentException(INVALID);
        }
    }

    static String tenant(TenantSummaryView last) {
        return opaque(last.tenant());
    }

    /** Parses a cursor of the list of tenants. Throws {@link IllegalArgumentException} for any other text. */
    static String tenant(String cursor) {
        try {
            String name = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            if (!name.matches("[A-Za-z0-9._-]{1,64}")) {
                throw new IllegalArgumentException(INVALID);
            }
            return name;
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(INVALID);
        }
    }

    private static String opaque(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Parses a cursor of {@link #after} in {@code order}. Throws {@link IllegalArgumentException} for any other text. */
    static CredentialFilter.Position parse(String cursor, CredentialFilter.Order order) {
        try {
            String text = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8);
            boolean backwards = text.startsWith(BACKWARDS);
            String[] parts = text.substring(backwards ? BACKWARDS.length() : 0).split("/", 3);
            Instant at = Instant.parse(parts[0]);
            if (at.isBefore(Instant.EPOCH) || at.isAfter(MAX_TIME)) {
                throw new DateTimeException("time out of range");
            }
            boolean byUser = parts.length > 2;
            if (byUser != (order == CredentialFilter.Order.USER)
                    || backwards != (order == CredentialFilter.Order.NEWEST)) {
                throw new IllegalArgumentException(INVALID);
            }
            return new CredentialFilter.Position(at, UUID.fromString(parts[1]), byUser ? parts[2] : "");
        } catch (IllegalArgumentException | DateTimeException | ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException(INVALID);
        }
    }
}
