package io.nexus.oauth.provider.reply;

import static io.nexus.oauth.provider.Providers.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.provider.Providers;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.egress.ExchangeResult;
import io.vertx.core.MultiMap;
import java.math.BigDecimal;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;

/** What holds for every answer of a token endpoint. */
class ReplyPropertyTest {

    private static final Duration LONGEST = Duration.ofDays(3650);
    private static final String LIFETIME = "expires_in";
    private static final List<ProviderProfile> ENDS = Stream.of("epoch_s", "epoch_ms")
            .map(format -> Providers.profile(
                    Providers.ENDPOINTS + "response: {expires_at: {at: /end, format: " + format + "}}"))
            .toList();
    private static final ProviderProfile PROFILE =
            Providers.profile(Providers.ENDPOINTS + "refresh: {rotation: always}\n");

    @Property(tries = 5_000)
    void anyBodyGetsAVerdict(
            @ForAll @IntRange(max = 999) int status, @ForAll("types") String type, @ForAll String body) {
        TokenReply reply = read(status, type, body);

        assertThat(reply.code()).matches("[a-z0-9_.-]{1,64}");
        assertThat(reply.toString()).doesNotContain("\n", "\r");
    }

    /** Whatever else is in the answer: each of the other fields holds something odd. */
    @Property(tries = 5_000)
    void aRefreshTokenThatIsThereIsNeverLost(
            @ForAll("refreshTokens") String token, @ForAll("odd") String odd, @ForAll("odd") String odder) {
        TokenReply reply = read(
                200,
                "application/json",
                "{\"error\":" + odd + ",\"expires_in\":" + odder + ",\"scope\":" + odd + ",\"access_token\":" + odder
                        + ",\"token_type\":" + odd + ",\"refresh_token_expires_in\":" + odder + ",\"id_token\":" + odd
                        + ",\"refresh_token\":\"" + token + "\"}");

        assertThat(reply).isInstanceOf(TokenReply.Granted.class);
        assertThat(Objects.requireNonNull(
                                ((TokenReply.Granted) reply).response().refreshToken())
                        .reveal())
                .isEqualTo(token);
    }

    @Property
    void jsonAndFormSayTheSame(@ForAll("tokens") String access, @ForAll("refreshTokens") String refresh) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("access_token", access)
                .put("refresh_token", refresh)
                .put(LIFETIME, 60);
        String form = "access_token=" + encoded(access) + "&expires_in=60&refresh_token=" + encoded(refresh);

        TokenReply expected = read(200, "application/json", json.toString());

        assertThat(expected).isInstanceOf(TokenReply.Granted.class);
        assertThat(read(200, "application/x-www-form-urlencoded; charset=utf-8", form))
                .isEqualTo(expected);
        assertThat(read(200, "text/plain", form)).isEqualTo(expected);
    }

    /** A token goes into headers: what could end a line there is no token. */
    @Property
    void aTokenIsMadeOfVisibleCharacters(@ForAll String text) {
        ObjectNode json = JsonNodeFactory.instance.objectNode().put("access_token", text);
        boolean fit = !text.isEmpty() && text.chars().allMatch(c -> c > 0x20 && c < 0x7f);

        assertThat(read(200, "application/json", json.toString()) instanceof TokenReply.Granted)
                .isEqualTo(fit);
    }

    @Property
    void aLifetimeIsTheNumberWithinItsBounds(@ForAll BigDecimal number) {
        boolean believed = number.doubleValue() <= LONGEST.toSeconds();
        Instant expected =
                NOW.plusSeconds((long) Math.floor(Math.clamp(number.doubleValue(), 0, (double) LONGEST.toSeconds())));

        for (String written : new String[] {number.toString(), "\"" + number + "\"", number.toPlainString()}) {
            assertThat(lifetime(written).assumed()).isEqualTo(!believed);
            if (believed) {
                assertThat(lifetime(written).at()).isEqualTo(expected);
            }
        }
    }

    /** Of a point in time within a year only one unit makes sense, whatever the provider file says. */
    @Property
    void aPointInTimeIsReadInTheUnitThatMakesSense(
            @ForAll @LongRange(max = 366L * 24 * 3600) long seconds, @ForAll boolean milliseconds) {
        Instant end = NOW.plusSeconds(seconds);
        long written = milliseconds ? end.toEpochMilli() : end.getEpochSecond();
        ReplyBody body = ReplyBody.json("{\"end\":" + written + "}").orElseThrow();

        for (ProviderProfile each : ENDS) {
            assertThat(TokenExpiry.of(body, null, each, NOW).at()).isEqualTo(end);
        }
        assertThat(lifetime(String.valueOf(written)).at()).isEqualTo(end);
    }

    /** Of any other number the format counts, as ever. */
    @Property
    void anyOtherNumberIsReadByItsFormat(@ForAll @LongRange(min = -1_000_000_000L, max = -1) long past) {
        for (ProviderProfile each : ENDS) {
            Instant before = NOW.plusSeconds(past);
            long written = each.equals(ENDS.getFirst()) ? before.getEpochSecond() : before.toEpochMilli();
            ReplyBody body = ReplyBody.json("{\"end\":" + written + "}").orElseThrow();

            assertThat(TokenExpiry.of(body, null, each, NOW)).isEqualTo(new TokenExpiry(NOW, false, null));
        }
    }

    @Property
    void noLifetimeIsOutOfBounds(@ForAll("odd") String odd) {
        assertThat(lifetime(odd).at()).isBetween(NOW, NOW.plus(LONGEST));
    }

    @Property
    void aLongerLifetimeNeverEndsSooner(
            @ForAll @DoubleRange(min = -1e9, max = 315_360_000) double one,
            @ForAll @DoubleRange(min = -1e9, max = 315_360_000) double other) {
        Instant sooner = lifetime(String.valueOf(Math.min(one, other))).at();

        assertThat(lifetime(String.valueOf(Math.max(one, other))).at()).isAfterOrEqualTo(sooner);
    }

    @Property
    void aWishToWaitIsBounded(@ForAll String text) {
        RetryAfter.read(text, NOW).ifPresent(wait -> assertThat(wait).isBetween(Duration.ZERO, Duration.ofMinutes(15)));
    }

    @Property
    void aWishInSecondsIsUnderstoodHoweverManyTheyAre(@ForAll("digits") String digits) {
        BigDecimal seconds = new BigDecimal(digits).min(BigDecimal.valueOf(900));

        assertThat(RetryAfter.read(" " + digits + "\t", NOW)).contains(Duration.ofSeconds(seconds.longValue()));
    }

    @Property
    void aWishAsADateIsTheTimeUntilThen(@ForAll @LongRange(min = -4_000_000_000L, max = 4_000_000_000L) long seconds) {
        Instant until = NOW.plusSeconds(seconds);
        String date = DateTimeFormatter.RFC_1123_DATE_TIME.format(until.atOffset(ZoneOffset.UTC));

        assertThat(RetryAfter.read(date, NOW)).contains(Duration.ofSeconds(Math.clamp(seconds, 0, 900)));
    }

    @Property
    void scopesAreWhatIsVisibleBetweenWhiteSpace(@ForAll String text) {
        Scopes scopes = Scopes.parse(text);

        assertThat(scopes.values()).doesNotHaveDuplicates().allMatch(scope -> scope.matches("[!#-\\[\\]-~]+"));
        assertThat(Scopes.parse(scopes.join(" "))).isEqualTo(scopes);
        assertThat(scopes.missing(scopes)).isEmpty();
    }

    @Property
    void someProvidersSeparateScopesByCommas(@ForAll String text) {
        Scopes scopes = Scopes.parseResponse(text);

        assertThat(scopes.values()).doesNotHaveDuplicates().allMatch(scope -> scope.matches("[!#-+\\--\\[\\]-~]+"));
        assertThat(Scopes.parseResponse(scopes.join(", "))).isEqualTo(scopes);
    }

    private static TokenExpiry lifetime(String written) {
        return TokenExpiry.of(ReplyBody.json("{\"expires_in\":" + written + "}").orElseThrow(), null, PROFILE, NOW);
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static TokenReply read(int status, String type, String body) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("Content-Type", type);
        return new TokenReplyReader(PROFILE, NOW, true).read(new ExchangeResult.Complete(status, headers, body));
    }

    @Provide
    Arbitrary<String> types() {
        return Arbitraries.of("application/json", "application/x-www-form-urlencoded", "text/html", "");
    }

    @Provide
    Arbitrary<String> tokens() {
        return Arbitraries.strings()
                .withCharRange('!', '~')
                .excludeChars('"', '\\')
                .ofMinLength(1)
                .ofMaxLength(4000);
    }

    /** RFC 6749 appendix A.17: spaces, too. */
    @Provide
    Arbitrary<String> refreshTokens() {
        return Arbitraries.strings()
                .withCharRange(' ', '~')
                .excludeChars('"', '\\')
                .ofMinLength(1)
                .ofMaxLength(4000);
    }

    @Provide
    Arbitrary<String> digits() {
        return Arbitraries.strings().numeric().ofMinLength(1).ofMaxLength(40);
    }

    /** JSON values that nobody asked for. */
    @Provide
    Arbitrary<String> odd() {
        return Arbitraries.oneOf(
                Arbitraries.of(
                        "null",
                        "true",
                        "[]",
                        "{}",
                        "[[[[[[]]]]]]",
                        "[".repeat(5_000) + "]".repeat(5_000),
                        "{\"refresh_token\":\"wrong\"}",
                        "\"line\nfeed\u0000\"",
                        "\"\\q\"",
                        "[1,]",
                        "-0",
                        "NaN",
                        "-Infinity",
                        "1e999",
                        "-1e999999999",
                        "9".repeat(5_000),
                        "0." + "9".repeat(5_000),
                        "\"\"",
                        "\"\\u0000\"",
                        "\"\\ud800\"",
                        "\"0x1p3\"",
                        "\"\\u0661\"",
                        "\"" + "x".repeat(20_000) + "\""),
                Arbitraries.doubles().map(String::valueOf),
                Arbitraries.strings()
                        .withCharRange(' ', '~')
                        .excludeChars('"', '\\')
                        .map(text -> "\"" + text + "\""));
    }
}
