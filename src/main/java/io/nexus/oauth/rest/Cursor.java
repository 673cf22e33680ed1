package io.nexus.oauth.rest;

import io.nexus.oauth.credential.CredentialFilter;
import io.nexus.oauth.credential.StoredCredential;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDate;
import java.util.Base64;
import java.util.UUID;

/** A place in a list as opaque text. */
final class Cursor {

    /** The database's calendar ends before Java's. */
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

    private static final String FOREIGN = "is not a cursor of this list";

    private Cursor() {}

    static String after(StoredCredential last) {
        return opaque(last.createdAt() + "/" + last.key().id());
    }

    /** In the list of days on which a credential was used. */
    static String before(LocalDate last) {
        return opaque(last.toString());
    }

    /** Throws {@link IllegalArgumentException} for anything that {@link #before} did not make. */
    static LocalDate day(String cursor) {
        try {
            LocalDate day = LocalDate.parse(new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8));
            if (day.getYear() < 1970 || day.getYear() > 9999) {
                throw new DateTimeException("no day of use");
            }
            return day;
        } catch (IllegalArgumentException | DateTimeException e) {
            throw new IllegalArgumentException(FOREIGN);
        }
    }

    private static String opaque(String text) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }

    /** Throws {@link IllegalArgumentException} for anything that {@link #after} did not make. */
    static CredentialFilter.Position parse(String cursor) {
        try {
            String[] parts = new String(Base64.getUrlDecoder().decode(cursor), StandardCharsets.UTF_8).split("/", 2);
            Instant at = Instant.parse(parts[0]);
            if (at.isBefore(Instant.EPOCH) || at.isAfter(LAST)) {
                throw new DateTimeException("no time of a credential");
            }
            return new CredentialFilter.Position(at, UUID.fromString(parts[1]));
        } catch (IllegalArgumentException | DateTimeException | ArrayIndexOutOfBoundsException e) {
            throw new IllegalArgumentException(FOREIGN);
        }
    }
}
