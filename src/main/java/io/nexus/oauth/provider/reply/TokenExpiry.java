package io.nexus.oauth.provider.reply;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.catalogue.ProfileTerm;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Response;
import io.nexus.oauth.provider.catalogue.ProviderProfile.TimeField;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * When an access token expires.
 *
 * @param at the expiry, or null when it never expires
 * @param assumed true when the provider named no expiry
 */
record TokenExpiry(@Nullable Instant at, boolean assumed) {

    private static final Duration MAX_LIFETIME = Duration.ofDays(3650);
    private static final Duration DEFAULT_LIFETIME = Duration.ofHours(1);

    /** The expiry named by {@code body}, counted from {@code sent}; otherwise the assumed one. */
    static TokenExpiry of(ReplyBody body, @Nullable Secret token, ProviderProfile profile, Instant sent) {
        Response response = profile.response();
        Double count = body.number(response.pointer("expires_in"));
        if (count != null) {
            return new TokenExpiry(after(sent, count * seconds(response.unit())), false);
        }
        Instant named = moment(body, response.expiresAt(), sent);
        if (named != null) {
            return new TokenExpiry(named, false);
        }
        return profile.ttl().endless() ? new TokenExpiry(null, false) : assumed(token, profile, sent);
    }

    /** When the refresh token expires; null when unknown. Some servers write 0 for never. */
    static @Nullable Instant ofRefreshToken(ReplyBody body, ProviderProfile profile, Instant sent) {
        Response response = profile.response();
        Double count = body.number(response.pointer("refresh_token_expires_in"));
        if (count != null && count > 0) {
            return after(sent, count * seconds(response.unit()));
        }
        return moment(body, response.refreshExpiresAt(), sent);
    }

    /** The {@code exp} claim of a JWT is not verified, so it may only shorten the assumed lifetime. */
    private static TokenExpiry assumed(@Nullable Secret token, ProviderProfile profile, Instant sent) {
        Duration access = profile.ttl().access();
        Instant assumed = sent.plus(access == null ? DEFAULT_LIFETIME : access);
        Optional<Instant> claimed =
                ReplyBody.claims(token).map(claims -> claims.number("/exp")).map(exp -> epoch(exp, sent));
        return new TokenExpiry(claimed.filter(assumed::isAfter).orElse(assumed), true);
    }

    private static @Nullable Instant moment(ReplyBody body, @Nullable TimeField moment, Instant sent) {
        if (moment == null) {
            return null;
        }
        Double number = body.number(moment.at());
        return switch (moment.format()) {
            case EPOCH_S -> number == null ? null : epoch(number, sent);
            case EPOCH_MS -> number == null ? null : epoch(number / 1000, sent);
            case ISO8601 -> iso(body.text(moment.at()), sent);
        };
    }

    private static @Nullable Instant iso(@Nullable String text, Instant sent) {
        try {
            return text == null
                    ? null
                    : epoch(OffsetDateTime.parse(text).toInstant().getEpochSecond(), sent);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static Instant epoch(double seconds, Instant sent) {
        long first = sent.getEpochSecond();
        return Instant.ofEpochSecond((long) Math.floor(Math.clamp(seconds, first, first + MAX_LIFETIME.toSeconds())));
    }

    private static Instant after(Instant sent, double seconds) {
        return sent.plusSeconds((long) Math.floor(Math.clamp(seconds, 0, MAX_LIFETIME.toSeconds())));
    }

    private static double seconds(ProfileTerm.Unit unit) {
        return switch (unit) {
            case S -> 1;
            case MS -> 0.001;
            case MIN -> 60;
        };
    }
}
