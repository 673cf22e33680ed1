package io.nexus.oauth.rest;

import io.nexus.oauth.credential.CredentialFilter;
import io.nexus.oauth.credential.StoredCredential;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;

/** A place in the list of credentials as opaque text. */
final class Cursor {

    /** The database's calendar ends before Java's. */
    private static final Instant LAST = Instant.parse("9999-12-31T23:59:59Z");

    private Cursor() {}

    static String after(StoredCredential last) {
        String text = last.createdAt() + "/" + last.key().id();
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
            throw new IllegalArgumentException("is not a cursor of this list");
        }
    }
}
