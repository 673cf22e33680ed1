package io.nexus.oauth.provider.reply;

import static io.nexus.oauth.provider.Providers.NOW;
import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.Providers;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.egress.ExchangeResult;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TokenReplyReaderTest {

    private static final String ROTATING = "refresh: {rotation: always}\n";

    @Test
    void readsAnOrdinaryReply() {
        TokenResponse response = granted("", """
                {"access_token":"at","refresh_token":"rt","token_type":"bearer","expires_in":3600,
                 "scope":"a b","id_token":"id","refresh_token_expires_in":7200}""");

        assertThat(response)
                .isEqualTo(new TokenResponse(
                        Secret.of("at"),
                        Secret.of("rt"),
                        "Bearer",
                        NOW.plusSeconds(3600),
                        false,
                        Scopes.parse("a b"),
                        NOW.plusSeconds(7200),
                        Secret.of("id"),
                        Map.of(),
                        null));
    }

    @ParameterizedTest
    @CsvSource({
        "'\"3600\"', 3600",
        "3600.9, 3600",
        "1e3, 1000",
        "'\"1e3\"', 1000",
        "0, 0",
        "-1, 0",
        "-1e300, 0",
        "315360000, 315360000",
        "'\" 60 \"', 60"
    })
    void readsEveryWayToWriteALifetime(String written, long seconds) {
        TokenResponse response = granted("", reply(", \"expires_in\": " + written));

        assertThat(response.expiresAt()).isEqualTo(NOW.plusSeconds(seconds));
        assertThat(response.expiryAssumed()).isFalse();
        assertThat(response.refreshToken()).isEqualTo(Secret.of("rt"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "Infinity", "1e999", "null", "true", "[]", "\"soon\"", "\"NaN\"", "\"\""})
    void assumesALifetimeWhereNoneCanBeRead(String written) {
        TokenResponse response = granted("", reply(", \"expires_in\": " + written));

        assertThat(response.expiresAt()).isEqualTo(NOW.plusSeconds(3600));
        assertThat(response.expiryAssumed()).isTrue();
        assertThat(response.refreshToken()).isEqualTo(Secret.of("rt"));
    }

    /** Ten years of a token that ends in an hour are ten years without a refresh. */
    @ParameterizedTest
    @ValueSource(
            strings = {"315360001", "1e18", "1e308", "99999999999999999999999999", "9223372036854775807", "2147483647"})
    void doesNotBelieveALifetimeThatNoTokenHas(String written) {
        TokenReply.Granted reply = (TokenReply.Granted) read("", 200, reply(", \"expires_in\": " + written));

        assertThat(reply.response().expiresAt()).isEqualTo(NOW.plusSeconds(3600));
        assertThat(reply.response().expiryAssumed()).isTrue();
        assertThat(reply.remarks()).singleElement().asString().startsWith("expires_in is no lifetime");
    }

    @ParameterizedTest
    @CsvSource({"s, 1", "s, 1000", "ms, 1000", "min, 1", "min, 1000"})
    void readsAPointInTimeInPlaceOfALifetime(String unit, long factor) {
        long written = NOW.plusSeconds(1800).getEpochSecond() * factor;
        TokenReply.Granted reply = (TokenReply.Granted) read(
                "response: {unit: " + unit + "}",
                200,
                reply(", \"expires_in\": " + written + ", \"refresh_token_expires_in\": " + written));

        assertThat(reply.response().refreshExpiresAt()).isEqualTo(NOW.plusSeconds(1800));
        assertThat(reply.response().expiresAt()).isEqualTo(NOW.plusSeconds(1800));
        assertThat(reply.response().expiryAssumed()).isTrue();
        assertThat(reply.remarks()).singleElement().asString().startsWith("expires_in is a point in time");
    }

    @Test
    void doesNotBelieveALifetimeOfARefreshTokenThatNoneHas() {
        assertThat(granted("", reply(", \"refresh_token_expires_in\": 1e18")).refreshExpiresAt())
                .isNull();
    }

    @Test
    void assumesTheProfilesLifetimeAndLetsAJwtOnlyShortenIt() {
        String profile = "ttl: {access: 600}";

        assertThat(granted(profile, reply("")).expiresAt()).isEqualTo(NOW.plusSeconds(600));
        assertThat(granted(profile, jwt(NOW.plusSeconds(100))).expiresAt()).isEqualTo(NOW.plusSeconds(100));
        assertThat(granted(profile, jwt(NOW.plusSeconds(9999))).expiresAt()).isEqualTo(NOW.plusSeconds(600));
        assertThat(granted("", jwt(NOW.plusSeconds(9999))).expiresAt()).isEqualTo(NOW.plusSeconds(3600));
        assertThat(granted(profile, jwt(NOW.minusSeconds(5))).expiresAt()).isEqualTo(NOW);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.b.c", "a.!!.c", "a.b", "a.e30.c"})
    void survivesTokensThatOnlyLookLikeJwts(String token) {
        TokenResponse response = granted("", "{\"access_token\":\"" + token + "\"}");

        assertThat(response.expiresAt()).isEqualTo(NOW.plusSeconds(3600));
    }

    @Test
    void tokensOfSomeProvidersDoNotEnd() {
        TokenResponse response = granted("ttl: {access: none}", reply(""));

        assertThat(response.expiresAt()).isNull();
        assertThat(response.expiryAssumed()).isFalse();
        assertThat(granted("ttl: {access: none}", reply(", \"expires_in\": 5")).expiresAt())
                .isEqualTo(NOW.plusSeconds(5));
    }

    @ParameterizedTest
    @CsvSource({"epoch_s, '1795341660'", "epoch_ms, '\"1795341660000\"'", "iso8601, '\"2026-11-22T11:01:00+01:00\"'"})
    void readsPointsInTime(String format, String written) {
        Instant end = Instant.parse("2026-11-22T10:01:00Z");
        String profile = "response: {expires_at: {at: /end, format: %1$s}, refresh_expires: {at: /end, format: %1$s}}"
                .formatted(format);
        TokenResponse response = granted(profile, reply(", \"end\": " + written));

        assertThat(response.expiresAt()).isEqualTo(end);
        assertThat(response.refreshExpiresAt()).isEqualTo(end);
        assertThat(response.expiryAssumed()).isFalse();
    }

    /** Taken by its format, the first would last ten years, and the second would have expired in 1970. */
    @ParameterizedTest
    @CsvSource({"epoch_s, 1795341660000", "epoch_ms, 1795341660"})
    void readsAPointInTimeInTheOtherUnit(String format, String written) {
        String profile = "response: {expires_at: {at: /end, format: %1$s}, refresh_expires: {at: /end, format: %1$s}}"
                .formatted(format);
        TokenReply.Granted reply = (TokenReply.Granted) read(profile, 200, reply(", \"end\": " + written));

        assertThat(reply.response().expiresAt()).isEqualTo(Instant.parse("2026-11-22T10:01:00Z"));
        assertThat(reply.response().refreshExpiresAt()).isEqualTo(Instant.parse("2026-11-22T10:01:00Z"));
        assertThat(reply.response().expiryAssumed()).isFalse();
        assertThat(reply.remarks()).singleElement().asString().startsWith("the expiry is written in seconds where");
    }

    /** A lifetime that is not believed does not hide the expiry beside it. */
    @Test
    void readsThePointInTimeBesideALifetimeThatNoTokenHas() {
        TokenResponse response = granted(
                "response: {expires_at: {at: /end, format: iso8601}}",
                reply(", \"expires_in\": 1e18, \"end\": \"2026-11-22T10:01:00Z\""));

        assertThat(response.expiresAt()).isEqualTo(Instant.parse("2026-11-22T10:01:00Z"));
        assertThat(response.expiryAssumed()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "2026-11-22T10:01:00",
                "2026-11-22 10:01:00",
                "2026-11-22 10:01:00.123456",
                "2026-11-22T10:01:00+0000",
                "2026-11-22T11:01:00+01",
                "2026-11-22 11:01:00 +0100",
                "2026-11-22 10:01:00 UTC",
                "2026-11-22t10:01z",
                " 2026-11-22T10:01:00Z "
            })
    void readsIsoTimesAsTheyAreWritten(String written) {
        TokenReply.Granted reply = (TokenReply.Granted) read(
                "response: {expires_at: {at: /end, format: iso8601}}", 200, reply(", \"end\": \"" + written + "\""));

        assertThat(reply.response().expiresAt()).isEqualTo(Instant.parse("2026-11-22T10:01:00Z"));
        assertThat(reply.response().expiryAssumed()).isFalse();
        assertThat(reply.remarks()).isEmpty();
    }

    @Test
    void saysThatATimeCannotBeRead() {
        TokenReply.Granted reply = (TokenReply.Granted) read(
                "response: {expires_at: {at: /end, format: iso8601}}",
                200,
                reply(", \"end\": \"2026-11-22T10:01 EST\""));

        assertThat(reply.response().expiryAssumed()).isTrue();
        assertThat(reply.remarks()).singleElement().asString().startsWith("the expiry is written in an unknown way");
    }

    @ParameterizedTest
    @CsvSource({"epoch_s, '\"x\"'", "epoch_ms, '{}'", "iso8601, '\"tomorrow\"'", "iso8601, '[]'"})
    void assumesWhereAPointInTimeCannotBeRead(String format, String written) {
        String profile = "response: {expires_at: {at: /end, format: %s}}".formatted(format);

        assertThat(granted(profile, reply(", \"end\": " + written)).expiryAssumed())
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({"s, 120", "ms, 0", "min, 7200"})
    void readsUnits(String unit, long seconds) {
        assertThat(granted("response: {unit: " + unit + "}", reply(", \"expires_in\": 120"))
                        .expiresAt())
                .isEqualTo(NOW.plusSeconds(seconds));
    }

    @Test
    void refreshTokenWithZeroLifetimeHasNoKnownEnd() {
        assertThat(granted("", reply(", \"refresh_token_expires_in\": 0")).refreshExpiresAt())
                .isNull();
    }

    @ParameterizedTest
    @CsvSource({
        "'{idle: 60d}', false, true, 60",
        "'{idle: 60d}', false, false, 60",
        "'{idle: 60d, max: 30d}', false, true, 30",
        "'{idle: 60d, max: 30d}', false, false, 60",
        "'{max: 30d}', false, false, ",
        "'{fixed: 90d}', true, true, 90",
        "'{fixed: 90d, idle: 10d}', false, true, ",
        "'{}', true, true, "
    })
    void theProfileKnowsHowLongARefreshTokenLives(String life, boolean consent, boolean issued, Long days) {
        ProviderProfile profile = profile("ttl: {refresh: " + life + "}");
        String body = "{\"access_token\":\"at\"" + (issued ? ",\"refresh_token\":\"rt\"" : "") + "}";
        TokenReply reply =
                new TokenReplyReader(profile, NOW, true, consent, true).read(answer(200, "application/json", body));

        assertThat(((TokenReply.Granted) reply).response().refreshExpiresAt())
                .isEqualTo(days == null ? null : NOW.plus(Duration.ofDays(days)));
    }

    @ParameterizedTest
    @CsvSource({"bearer, Bearer", "BEARER, Bearer", "DPoP, DPoP", "mac, mac"})
    void knowsEverySpellingOfBearerAndKeepsOtherTypes(String written, String type) {
        assertThat(granted("", reply(", \"token_type\": \"" + written + "\"")).tokenType())
                .isEqualTo(type);
        assertThat(granted("", reply("")).tokenType()).isEqualTo("Bearer");
    }

    @Test
    void readsScopesHoweverTheyAreWritten() {
        Scopes expected = Scopes.parse("a b");

        assertThat(granted("", reply(", \"scope\": \"a,b\"")).scopes()).isEqualTo(expected);
        assertThat(granted("", reply(", \"scope\": [\"a\", \"b\"]")).scopes()).isEqualTo(expected);
        assertThat(granted("", reply(", \"scope\": \"\"")).scopes()).isNull();
        assertThat(granted("", reply("")).scopes()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"refresh_token\":null", ",\"refresh_token\":\"\"", ",\"refresh_token\":{}"})
    void missingRefreshTokenKeepsTheOld(String field) {
        TokenResponse response = granted("", "{\"access_token\":\"at\"" + field + "}");

        assertThat(response.refreshToken()).isNull();
    }

    @Test
    void refreshTokenAloneIsKept() {
        TokenResponse response = granted("", "{\"refresh_token\":\"rt\",\"error\":\"odd\"}");

        assertThat(response.accessToken()).isNull();
        assertThat(response.refreshToken()).isEqualTo(Secret.of("rt"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a\\r\\nX-Evil: 1", "a b", "é", "a\\u0000"})
    void tokensThatCouldForgeAHeaderAreNone(String token) {
        TokenReply reply = read("", 200, "{\"access_token\":\"" + token + "\"}");

        assertThat(reply).isEqualTo(new TokenReply.Unknown("no_token"));
        assertThat(granted("", "{\"access_token\":\"" + token + "\",\"refresh_token\":\"rt\"}")
                        .accessToken())
                .isNull();
    }

    @Test
    void tokensAreBounded() {
        assertThat(granted("", "{\"access_token\":\"" + "a".repeat(16384) + "\"}")
                        .accessToken())
                .isNotNull();
        assertThat(read("", 200, "{\"access_token\":\"" + "a".repeat(16385) + "\"}"))
                .isEqualTo(new TokenReply.Unknown("no_token"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "<html>busy</html>",
                "{\"access_token\":\"a",
                "[]",
                "null",
                "\"x\"",
                "{\"a\":[[[[[[[[[[[[[[[[[[[[[[1",
                "{\"refresh_token\":\"rt",
                "{\"refresh_token\":\"\", x}",
                "{\"refresh_token\": 12",
                "refresh_token: rt",
                "{\"access_token\":\"at\",\"refresh_tok"
            })
    void unreadableSuccessMayHideATokenAndIsUnknown(String body) {
        assertThat(read("", 200, body)).isEqualTo(new TokenReply.Unknown("unreadable_reply"));
    }

    /** The operator reads in the code which server to correct. A label that is only wrong is no harm. */
    @ParameterizedTest
    @CsvSource({
        "br, unreadable_br",
        "'gzip, BR', unreadable_br",
        "zstd, unreadable_zstd",
        "compress, unreadable_compress",
        "gzip, unreadable_reply",
        "brotli, unreadable_reply"
    })
    void anUnreadCodingIsNamed(String coding, String code) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("Content-Encoding", coding);
        TokenReplyReader reader = new TokenReplyReader(profile(""), NOW, true);

        assertThat(reader.read(new ExchangeResult.Complete(200, headers, "\u000b\u0002\ufffd{\u0003")))
                .isEqualTo(new TokenReply.Unknown(code));
        assertThat(reader.read(new ExchangeResult.Complete(200, headers, "{\"access_token\":\"at\"}")))
                .isInstanceOf(TokenReply.Granted.class);
    }

    /** Whatever is wrong with the document around it. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "\uFEFF{\"access_token\":\"at\",\"refresh_token\":\"rt\"}",
                "{\"access_token\":\"at\",\"note\":\"a\nb\",\"refresh_token\":\"rt\"}",
                "{\"access_token\":\"at\",\"note\":\"a\\x\",\"refresh_token\":\"rt\"}",
                "{\"access_token\":\"at\",\"refresh_token\":\"rt\"} and more",
                "{\"access_token\":\"at\",\"refresh_token\":\"rt\",}",
                "{'access_token':'at','refresh_token':'rt'}",
                "[{\"access_token\":\"at\",\"refresh_token\":\"rt\"}]",
                "\"{\\\"access_token\\\":\\\"at\\\",\\\"refresh_token\\\":\\\"rt\\\"}\"",
                "{\"access_token\":\"at\",\"refresh_token\":\"rt\",\"refresh_token\":null}",
                "{\"access_token\":\"at\",\"refresh_token\":\"rt\",\"refresh_token\":\"\"}",
                "<b>Warning</b>: x {y} in z.php\n{\"access_token\":\"at\",\"refresh_token\":\"rt\"}",
                ")]}',\n{\"access_token\":\"at\", \"refresh_token\" : \"rt\"}",
                "call({\"access_token\":\"at\",\"refresh_token\":\"rt\"});",
                "{\"note\":\"say \"x\"\",\"access_token\":\"at\",\"refresh_token\":\"rt\"}",
                "{\"access_token\":\"at\",\"refresh_token\":\"rt\",\"expires_in\":007}",
                "{\"access_token\":\"at\",\"refresh_token\":\"rt\",\"scope\":"
            })
    void readsBothTokensOfADamagedDocument(String body) {
        TokenResponse response = granted(ROTATING, body);

        assertThat(response.accessToken()).isEqualTo(Secret.of("at"));
        assertThat(response.refreshToken()).isEqualTo(Secret.of("rt"));
    }

    @Test
    void readsTokensBelowTheirPointersInADamagedDocument() {
        TokenReply.Granted reply = (TokenReply.Granted) read(
                "response: {access_token: /data/access, refresh_token: /data/refresh}",
                200,
                "oops {\"data\":{\"access\":\"at\",\"refresh\":\"r\\u0074\"}}");

        assertThat(reply.response().accessToken()).isEqualTo(Secret.of("at"));
        assertThat(reply.response().refreshToken()).isEqualTo(Secret.of("rt"));
        assertThat(reply.remarks()).singleElement().asString().contains("neither JSON nor a form");
    }

    @ParameterizedTest
    @ValueSource(ints = {31, 33, 1_000, 100_000})
    void skipsWhatIsNestedTooDeep(int depth) {
        String deep = "[".repeat(depth) + "]".repeat(depth);
        String objects = "{\"a\":".repeat(depth / 2) + "1" + "}".repeat(depth / 2);

        TokenResponse response = granted(
                ROTATING,
                "{\"x\":" + deep + ",\"y\":" + objects + ",\"access_token\":\"at\",\"refresh_token\":\"rt\",\"z\":"
                        + deep + "}");

        assertThat(response.refreshToken()).isEqualTo(Secret.of("rt"));
    }

    @Test
    void aRepeatedNameWithoutAValueIsNotSearchedForEver() {
        assertThat(read("", 200, "\"refresh_token\":\"\" ".repeat(10_000)).code())
                .isEqualTo("unreadable_reply");
    }

    @ParameterizedTest
    @CsvSource({
        "123456789, 123456789",
        "12345678901234567890123456789, 12345678901234567890123456789",
        "1.50, 1.50",
        "'\"a\\nb\"', 'a\nb'",
        "'\"é\"', é"
    })
    void keepsARefreshTokenOfAnyForm(String written, String token) {
        assertThat(granted(ROTATING, "{\"access_token\":\"at\",\"refresh_token\":" + written + "}")
                        .refreshToken())
                .isEqualTo(Secret.of(token.replace("\\n", "\n")));
    }

    @ParameterizedTest
    @ValueSource(strings = {"{}", "[\"rt\"]", "true"})
    void saysThatARefreshTokenCannotBeUsed(String written) {
        TokenReply.Granted reply =
                (TokenReply.Granted) read("", 200, "{\"access_token\":\"at\",\"refresh_token\":" + written + "}");

        assertThat(reply.response().refreshToken()).isNull();
        assertThat(reply.remarks()).singleElement().asString().startsWith("the refresh token is not a text");
    }

    @Test
    void readsTheAccountFromALargeIdToken() {
        String claims = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(("{\"sub\":\"42\",\"groups\":\"" + "g".repeat(40_000) + "\"}")
                        .getBytes(StandardCharsets.UTF_8));
        TokenResponse response =
                granted("identity: {from: id_token, id: /sub}", reply(", \"id_token\": \"h." + claims + ".s\""));

        assertThat(response.metadata()).containsEntry("sub", "42");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"code\":0,\"data\":{\"access_token\":\"t\"}}",
                "{\"code\":\"0\",\"data\":{\"access_token\":\"t\"}}"
            })
    void codeOfSuccessIsNoError(String body) {
        String profile =
                "response: {access_token: /data/access_token, ok: {at: /code, is: \"0\"}, error: {code: /code}}";

        assertThat(granted(profile, body).accessToken()).isEqualTo(Secret.of("t"));
        assertThat(granted(profile.replace("\"0\"", "ok"), body.replaceAll("\"?0\"?", "\"ok\""))
                        .accessToken())
                .isEqualTo(Secret.of("t"));
        assertThat(read(profile, 200, body.replaceAll("\"?0\"?", "7"))).isEqualTo(new TokenReply.Refused("7"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "false", "null", "\"\""})
    void anErrorThatSaysNoneIsNone(String error) {
        assertThat(granted("", "{\"access_token\":\"at\",\"error\":" + error + "}")
                        .accessToken())
                .isEqualTo(Secret.of("at"));
    }

    @Test
    void theBodyDecidesWhatItIs() {
        String json = "{\"access_token\":\"at\",\"refresh_token\":\"a=b&c\"}";

        assertThat(((TokenReply.Granted) read("", 200, "application/x-www-form-urlencoded", json))
                        .response()
                        .refreshToken())
                .isEqualTo(Secret.of("a=b&c"));
        assertThat(((TokenReply.Granted) read("", 200, "application/json", "refresh_token=rt&scope=x"))
                        .response()
                        .refreshToken())
                .isEqualTo(Secret.of("rt"));
    }

    @Test
    void duplicateKeysAreTolerated() {
        assertThat(granted("", "{\"access_token\":\"a\",\"access_token\":\"b\"}")
                        .accessToken())
                .isEqualTo(Secret.of("b"));
    }

    @Test
    void readsFormEncodedReplies() {
        String body = "access_token=a%20&refresh_token=rt&expires_in=60&bad=%zz&=x&flag";

        assertThat(((TokenReply.Granted) read("", 200, "application/x-www-form-urlencoded", body)).response())
                .extracting(TokenResponse::accessToken, TokenResponse::refreshToken, TokenResponse::expiresAt)
                .containsExactly(null, Secret.of("rt"), NOW.plusSeconds(60));
        assertThat(read("", 200, "text/plain", "scope=x&access_token=at")).isInstanceOf(TokenReply.Granted.class);
        assertThat(read("", 200, "text/plain", "hello=world")).isInstanceOf(TokenReply.Unknown.class);
        assertThat(read("", 200, "application/x-www-form-urlencoded", "")).isInstanceOf(TokenReply.Unknown.class);
    }

    @ParameterizedTest
    @CsvSource({
        "400, invalid_grant, Rejected, invalid_grant",
        "400, INVALID_GRANT, Rejected, invalid_grant",
        "401, invalid_grant, Rejected, invalid_grant",
        "403, invalid_grant, Rejected, invalid_grant",
        "400, interaction_required, Rejected, interaction_required",
        "400, consent_required, Rejected, consent_required",
        "400, login_required, Rejected, login_required",
        "400, invalid_client, Misconfigured, invalid_client",
        "401, invalid_client, Misconfigured, invalid_client",
        "400, unauthorized_client, Misconfigured, unauthorized_client",
        "400, invalid_scope, Misconfigured, invalid_scope",
        "400, unsupported_grant_type, Misconfigured, unsupported_grant_type",
        "400, invalid_request, Misconfigured, invalid_request",
        "401, whatever, Misconfigured, http_401",
        "401, unauthorized_client, Misconfigured, unauthorized_client",
        "401, invalid_token, Refused, invalid_token",
        "403, rate_limit_exceeded, Deferred, rate_limit_exceeded",
        "500, slow_down, Deferred, temporarily_unavailable",
        "400, Bad Thing!, Refused, other",
        "418, weird, Refused, weird",
        "418, invalid_grant, Rejected, invalid_grant",
        "404, invalid_grant, Rejected, invalid_grant",
        "422, invalid_grant, Rejected, invalid_grant",
        "404, '', Misconfigured, endpoint_not_found",
        "404, Not Found, Misconfigured, endpoint_not_found",
        "405, '', Misconfigured, endpoint_not_found",
        "410, '', Misconfigured, endpoint_not_found",
        "400, '', Misconfigured, http_4xx",
        "408, '', Unknown, provider_timeout",
        "400, temporarily_unavailable, Deferred, temporarily_unavailable",
        "400, slow_down, Deferred, slow_down",
        "400, server_error, Unknown, provider_error",
        "429, invalid_grant, Deferred, rate_limited",
        "500, invalid_grant, Unknown, provider_error",
        "502, '', Unknown, provider_error",
        "503, '', Unknown, provider_error",
        "503, temporarily_unavailable, Deferred, temporarily_unavailable",
        "504, '', Unknown, provider_timeout",
        "302, '', Misconfigured, redirect",
        "200, invalid_grant, Rejected, invalid_grant",
        "200, strange, Refused, strange"
    })
    void eachFailureAsksForItsOwnAction(int status, String error, String kind, String code) {
        TokenReply reply = read(ROTATING, status, "{\"error\":\"" + error + "\"}");

        assertThat(reply.getClass().getSimpleName()).isEqualTo(kind);
        assertThat(reply.code()).isEqualTo(code);
        assertThat(reply.error()).isEqualTo(code);
    }

    @Test
    void withoutRotationNothingCanBeLost() {
        TokenReply later = new TokenReply.Deferred("provider_error", Optional.empty(), false);
        TokenReplyReader reader = new TokenReplyReader(profile(""), NOW, false);

        assertThat(reader.read(answer(500, "", ""))).isEqualTo(later);
        assertThat(reader.read(new ExchangeResult.Lost("reply_timeout"))).isEqualTo(later);
    }

    @Test
    void endingsBeforeAnAnswerAreToldApart() {
        TokenReplyReader reader = new TokenReplyReader(profile(""), NOW, true);

        assertThat(reader.read(new ExchangeResult.NotSent(ExchangeResult.NotSent.FORBIDDEN)))
                .isEqualTo(new TokenReply.Misconfigured("forbidden_address", false));
        assertThat(reader.read(new ExchangeResult.NotSent("unconnected")))
                .isEqualTo(new TokenReply.Deferred("provider_unreachable", Optional.empty(), true));
        assertThat(reader.read(new ExchangeResult.Lost("reply_lost"))).isEqualTo(new TokenReply.Unknown("reply_lost"));
    }

    /** The proxy made no connection, so the provider got nothing: no quarantine, and no trace on the grant. */
    @ParameterizedTest
    @ValueSource(strings = {"proxy_unreachable", "proxy_credentials", "proxy_refused", "proxy_failed"})
    void aFailureOfTheForwardProxyKeepsItsCode(String code) {
        TokenReply reply = new TokenReplyReader(profile(""), NOW, true).read(new ExchangeResult.NotSent(code));

        assertThat(reply).isEqualTo(new TokenReply.Deferred(code, Optional.empty(), true));
        assertThat(TokenReplyReader.isUnsent(reply)).isTrue();
        assertThat(TokenReplyReader.isUnsent(new TokenReply.Deferred("rate_limited", Optional.empty(), true)))
                .isFalse();
    }

    @ParameterizedTest
    @CsvSource({
        "30, 30",
        "0, 0",
        "86400, 900",
        "999999999999, 900",
        "'Sun, 22 Nov 2026 10:00:20 GMT', 20",
        "'Sun, 22 Nov 2026 09:00:00 GMT', 0",
        "'Sun, 22 Nov 2026 12:00:00 GMT', 900"
    })
    void honoursRetryAfter(String header, long seconds) {
        for (int status : new int[] {429, 503, 403, 400}) {
            ExchangeResult answer = new ExchangeResult.Complete(
                    status, MultiMap.caseInsensitiveMultiMap().add("Retry-After", header), "<html>");
            TokenReply.Deferred reply =
                    (TokenReply.Deferred) new TokenReplyReader(profile(ROTATING), NOW, true).read(answer);

            assertThat(reply.retryAfter()).contains(Duration.ofSeconds(seconds));
            assertThat(reply.clientWide()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "soon", "-5", "1e3"})
    void ignoresAnUnreadableRetryAfter(String header) {
        assertThat(RetryAfter.read(header, NOW)).isEmpty();
        assertThat(RetryAfter.read(null, NOW)).isEmpty();
    }

    @Test
    void githubAnswersErrorsWith200() {
        ProviderProfile github = Providers.shipped("github").profile();

        assertThat(read(github, 200, "{\"error\":\"bad_refresh_token\",\"error_description\":\"x\"}"))
                .isEqualTo(new TokenReply.Rejected("bad_refresh_token"));
        assertThat(read(github, 200, "{\"error\":\"incorrect_client_credentials\"}"))
                .isEqualTo(new TokenReply.Misconfigured("incorrect_client_credentials", true));
    }

    @Test
    void slackSaysOkFalse() {
        ProviderProfile slack = Providers.shipped("slack").profile();

        assertThat(read(slack, 200, "{\"ok\":false,\"error\":\"token_revoked\"}"))
                .isEqualTo(new TokenReply.Rejected("token_revoked"));
        assertThat(read(slack, 200, "{\"ok\":false}")).isEqualTo(new TokenReply.Refused("other"));
        assertThat(read(slack, 200, "{\"ok\":false,\"error\":\"ratelimited\"}"))
                .isInstanceOf(TokenReply.Deferred.class);
        assertThat(read(slack, 200, "{\"ok\":false,\"error\":\"fatal_error\"}")).isInstanceOf(TokenReply.Unknown.class);
        TokenReply granted = read(slack, 200, """
                {"ok":true,"access_token":"xoxb","team":{"id":"T1","name":"Team"},"authed_user":{"id":"U1"},"enterprise":null}""");
        assertThat(((TokenReply.Granted) granted).response().metadata())
                .isEqualTo(Map.of("team_id", "T1", "team_name", "Team", "authed_user_id", "U1"));
        assertThat(((TokenReply.Granted) granted).response().expiresAt()).isNull();
    }

    @Test
    void atlassianEndsGrantsWith403() {
        ProviderProfile atlassian = Providers.shipped("atlassian").profile();

        assertThat(read(atlassian, 403, "{\"error\":\"invalid_grant\"}")).isInstanceOf(TokenReply.Rejected.class);
        assertThat(read(atlassian, 403, "{\"error\":\"unauthorized_client\"}"))
                .isEqualTo(new TokenReply.Rejected("unauthorized_client"));
        assertThat(read(atlassian, 403, "{\"message\":\"no\"}")).isEqualTo(new TokenReply.Rejected("http_403"));
        assertThat(read(atlassian, 403, "{\"error\":\"Not This\"}")).isEqualTo(new TokenReply.Rejected("other"));
        assertThat(read(atlassian, 403, "{\"error\":\"invalid_client\"}"))
                .isEqualTo(new TokenReply.Misconfigured("invalid_client", true));
    }

    @Test
    void firewallsPageIsNotTheProvidersRefusal() {
        assertThat(read(Providers.shipped("atlassian").profile(), 403, "<html>blocked</html>"))
                .isEqualTo(new TokenReply.Misconfigured("http_4xx", false));
    }

    @Test
    void keepsWhatTheIdentityIsReadFrom() {
        String claims = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString("{\"sub\":\"42\",\"email\":\"a@b\"}".getBytes(StandardCharsets.UTF_8));
        TokenResponse response = granted(
                "identity: {from: id_token, id: /sub, label: [/name, /email]}",
                reply(", \"id_token\": \"h." + claims + ".s\""));

        assertThat(response.metadata()).isEqualTo(Map.of("sub", "42", "email", "a@b"));
    }

    @Test
    void keepsVariablesOfTheTokenReply() {
        TokenResponse response = granted(
                "vars: {home: {from: \"token:/instance/url\", pattern: \".*\"}}",
                reply(", \"instance\": {\"url\": \"https://x\"}"));

        assertThat(response.metadata()).isEqualTo(Map.of("home", "https://x"));
    }

    @Test
    void metadataIsBounded() {
        String profile = "response: {keep: [/a, /b, /c, /d]}";

        assertThat(granted(
                                profile,
                                reply(", \"a\": \"x\\ny\", \"b\": \"" + "y".repeat(9000) + "\", \"c\": 7, \"d\": {}"))
                        .metadata())
                .isEqualTo(Map.of("c", "7"));
    }

    @Test
    void anyAnswerGetsAVerdict() {
        Random random = new Random(7);
        String[] parts = {
            "{",
            "}",
            "\"access_token\"",
            ":",
            ",",
            "\"error\"",
            "[",
            "]",
            "\"x\"",
            "-",
            "1e999",
            "null",
            "\\u",
            "\0",
            "&",
            "=",
            "access_token=",
            "%",
            "\"expires_in\"",
            "NaN",
            "é",
            "\uD800"
        };
        for (int i = 0; i < 5_000; i++) {
            StringBuilder body = new StringBuilder();
            for (int j = random.nextInt(12); j >= 0; j--) {
                body.append(parts[random.nextInt(parts.length)]);
            }
            assertThat(read(ROTATING, random.nextInt(700), body.toString())).isNotNull();
        }
    }

    private static String reply(String more) {
        return "{\"access_token\":\"at\",\"refresh_token\":\"rt\"" + more + "}";
    }

    private static String jwt(Instant end) {
        String claims = "{\"exp\":" + end.getEpochSecond() + "}";
        return "{\"access_token\":\"h."
                + Base64.getUrlEncoder().withoutPadding().encodeToString(claims.getBytes(StandardCharsets.UTF_8))
                + ".s\"}";
    }

    private static ProviderProfile profile(String yaml) {
        return Providers.profile(Providers.ENDPOINTS + yaml);
    }

    private static TokenResponse granted(String yaml, String body) {
        return ((TokenReply.Granted) read(yaml, 200, body)).response();
    }

    private static TokenReply read(String yaml, int status, String body) {
        return read(profile(yaml), status, body);
    }

    private static TokenReply read(String yaml, int status, String type, String body) {
        return new TokenReplyReader(profile(yaml), NOW, true).read(answer(status, type, body));
    }

    private static TokenReply read(ProviderProfile profile, int status, String body) {
        return new TokenReplyReader(profile, NOW, true).read(answer(status, "application/json", body));
    }

    private static ExchangeResult answer(int status, String type, String body) {
        return new ExchangeResult.Complete(
                status, MultiMap.caseInsensitiveMultiMap().add("Content-Type", type), body);
    }
}
