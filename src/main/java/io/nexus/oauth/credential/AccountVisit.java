package io.nexus.oauth.credential;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The permission of a person to see and end the connections of one user. Only sealed text of it leaves the service, so a person cannot
 * change the tenant or the user.
 *
 * @param tenant the tenant of the connections
 * @param user the user of the connections
 * @param returnUrl where the browser goes afterwards, or null
 * @param expiresAt when the permission ends, to the second
 */
public record AccountVisit(
        TenantId tenant, String user, @Nullable String returnUrl, Instant expiresAt) {

    private static final int FIELDS = 4;

    /** The text to seal. */
    public String text() {
        return String.join(
                "\n",
                Long.toString(expiresAt.getEpochSecond()),
                tenant.value(),
                returnUrl == null ? "" : returnUrl,
                user);
    }

    /** The visit that {@link #text} wrote; throws {@link IllegalArgumentException} for any other text. */
    public static AccountVisit parse(String text) {
        String[] fields = text.split("\n", FIELDS);
        if (fields.length != FIELDS) {
            throw new IllegalArgumentException("not a visit");
        }
        return new AccountVisit(
                new TenantId(fields[1]),
                fields[3],
                fields[2].isEmpty() ? null : fields[2],
                Instant.ofEpochSecond(Long.parseLong(fields[0])));
    }
}
