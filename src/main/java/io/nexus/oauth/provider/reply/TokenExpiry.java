package io.nexus.oauth.provider.reply;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Lifetimes;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Response;
import io.nexus.oauth.provider.catalogue.ProviderProfile.TimeField;
import io.nexus.oauth.provider.entry.ProfileTerm;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.Comparator;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.DoubleStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * When an access token expires.
 *
 * @param at the expiry, or null when it never expires
 * @param assumed true when the provider named no expiry that can be believed
 * @param remark what is wrong with the expiry that the provider named, or null
 */
record TokenExpiry(
        @Nullable Instant at, boolean assumed, @Nullable String remark) {

    private static final String NO_LIFETIME = "expires_in is no lifetime; the service assumes when the token expires";
    private static final String IN_PLACE_OF_LIFETIME = "expires_in is a point in time, not a lifetime";
    private static final String OTHER_UNIT =
            "the expiry is written in seconds where the provider file says milliseconds, or the other way round";
    private static final String NO_MOMENT = "the expiry is written in an unknown way; the service assumes one";

    private static final Pattern ISO = Pattern.compile(
            "(?<date>\\d{4}-\\d\\d-\\d\\d)[Tt ](?<time>\\d\\d:\\d\\d(:\\d\\d([.]\\d{1,9})?)?) ?(?<zone>\\p{Alpha}{1,3}|[+-]\\d\\d(:?\\d\\d)?)?");
    private static final Set<String> UTC = Set.of("Z", "UTC", "GMT");

    private static final Duration MAX_LIFETIME = Duration.ofDays(3650);
    private static final Duration DEFAULT_LIFETIME = Duration.ofHours(1);

    /** A larger number in place of a lifetime is not taken for a point in time either. */
    private static final Duration MAX_ABSOLUTE = Duration.ofDays(366);

    /** The expiry named by {@code body}, counted from {@code sent}; otherwise the assumed one. */
    static TokenExpiry of(ReplyBody body, @Nullable Secret token, ProviderProfile profile, Instant sent) {
        Response response = profile.response();
        Double count = body.number(response.pointer("expires_in"));
        if (count != null) {
            return after(sent, count, response.unit())
                    .map(at -> new TokenExpiry(at, false, null))
                    .or(() -> absolute(sent, count).map(at -> new TokenExpiry(at, true, IN_PLACE_OF_LIFETIME)))
                    .or(() -> moment(body, response.expiresAt(), sent))
                    .orElseGet(() -> new TokenExpiry(assumed(token, profile, sent), true, NO_LIFETIME));
        }
        TimeField moment = response.expiresAt();
        Optional<TokenExpiry> named = moment(body, moment, sent);
        if (named.isPresent()) {
            return named.get();
        }
        String remark = moment == null || body.text(moment.at()) == null ? null : NO_MOMENT;
        return profile.ttl().endless()
                ? new TokenExpiry(null, false, remark)
                : new TokenExpiry(assumed(token, profile, sent), true, remark);
    }

    /**
     * When the refresh token expires: as {@code body} says, otherwise as the profile does; null when unknown. Some
     * servers write 0 for never.
     *
     * @param consent whether this is the response to an authorization code
     */
    static @Nullable Instant ofRefreshToken(ReplyBody body, ProviderProfile profile, Instant sent, boolean consent) {
        Response response = profile.response();
        Double count = body.number(response.pointer("refresh_token_expires_in"));
        if (count != null && count > 0) {
            return after(sent, count, response.unit())
                    .or(() -> absolute(sent, count))
                    .orElse(null);
        }
        Optional<TokenExpiry> named = moment(body, response.refreshExpiresAt(), sent);
        return named.isPresent() ? named.get().at() : assumedOfRefreshToken(body, profile, sent, consent);
    }

    private static @Nullable Instant assumedOfRefreshToken(
            ReplyBody body, ProviderProfile profile, Instant sent, boolean consent) {
        Lifetimes ttl = profile.ttl();
        if (ttl.refreshFixed() != null) {
            return consent ? sent.plus(ttl.refreshFixed()) : null;
        }
        boolean issued = body.hasValue(profile.response().pointer("refresh_token"));
        return Stream.of(Optional.ofNullable(ttl.refreshIdle()), Optional.ofNullable(issued ? ttl.refreshMax() : null))
                .flatMap(Optional::stream)
                .min(Comparator.naturalOrder())
                .map(sent::plus)
                .orElse(null);
    }

    /** The {@code exp} claim of a JWT is not verified, so it may only shorten the assumed lifetime. */
    private static Instant assumed(@Nullable Secret token, ProviderProfile profile, Instant sent) {
        Duration access = profile.ttl().access();
        Instant assumed = sent.plus(access == null ? DEFAULT_LIFETIME : access);
        Optional<Instant> claimed =
                ReplyBody.claims(token).map(claims -> claims.number("/exp")).map(exp -> epoch(exp, sent));
        return claimed.filter(assumed::isAfter).orElse(assumed);
    }

    /** The expiry that {@code body} names as a point in time. */
    private static Optional<TokenExpiry> moment(ReplyBody body, @Nullable TimeField moment, Instant sent) {
        if (moment == null) {
            return Optional.empty();
        }
        if (moment.format() == ProfileTerm.TimeFormat.ISO8601) {
            return Optional.ofNullable(iso(body.text(moment.at()), sent)).map(at -> new TokenExpiry(at, false, null));
        }
        Double number = body.number(moment.at());
        if (number == null) {
            return Optional.empty();
        }
        Instant read = epoch(moment.format() == ProfileTerm.TimeFormat.EPOCH_MS ? number / 1000 : number, sent);
        return absolute(sent, number)
                .filter(at -> !at.equals(read))
                .map(at -> new TokenExpiry(at, false, OTHER_UNIT))
                .or(() -> Optional.of(new TokenExpiry(read, false, null)));
    }

    /** ISO 8601, and what is written in its place: a blank for the {@code T}, {@code +0000}, no zone at all for UTC. */
    private static @Nullable Instant iso(@Nullable String text, Instant sent) {
        try {
            return text == null ? null : epoch(instant(text).getEpochSecond(), sent);
        } catch (DateTimeException e) {
            return null;
        }
    }

    private static Instant instant(String text) {
        Matcher parts = ISO.matcher(text.strip());
        if (!parts.matches()) {
            return OffsetDateTime.parse(text.strip()).toInstant();
        }
        LocalDateTime local = LocalDateTime.parse(parts.group("date") + "T" + parts.group("time"));
        String zone = parts.group("zone");
        boolean utc = zone == null || UTC.contains(zone.toUpperCase(Locale.ROOT));
        return local.toInstant(utc ? ZoneOffset.UTC : ZoneOffset.of(zone));
    }

    private static Instant epoch(double seconds, Instant sent) {
        long first = sent.getEpochSecond();
        return Instant.ofEpochSecond((long) Math.floor(Math.clamp(seconds, first, first + MAX_LIFETIME.toSeconds())));
    }

    /** The end of a lifetime; empty for one that no token has, because the number means something else. */
    private static Optional<Instant> after(Instant sent, double count, ProfileTerm.Unit unit) {
        double seconds = count * seconds(unit);
        return seconds > MAX_LIFETIME.toSeconds()
                ? Optional.empty()
                : Optional.of(sent.plusSeconds((long) Math.floor(Math.max(0, seconds))));
    }

    /** Some servers write the point in time, in seconds or milliseconds since 1970, where a lifetime belongs. */
    private static Optional<Instant> absolute(Instant sent, double number) {
        double latest = sent.plus(MAX_ABSOLUTE).getEpochSecond();
        return DoubleStream.of(number, number / 1000)
                .filter(seconds -> seconds >= sent.getEpochSecond() && seconds <= latest)
                .mapToObj(seconds -> Instant.ofEpochSecond((long) seconds))
                .findFirst();
    }

    private static double seconds(ProfileTerm.Unit unit) {
        return switch (unit) {
            case S -> 1;
            case MS -> 0.001;
            case MIN -> 60;
        };
    }
}
