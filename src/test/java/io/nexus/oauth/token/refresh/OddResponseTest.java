package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.RefreshState;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.event.Activity;
import io.nexus.oauth.token.TokenQuery;
import io.quarkus.test.junit.QuarkusTest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Token responses that are odd and usable, of a provider that ends a grant whose spent refresh token is sent again. */
@QuarkusTest
class OddResponseTest extends TokenFixture {

    static Stream<Arguments> encodings() {
        return Stream.of(
                encoding("gzip", "Content-Encoding: gzip", OddResponseTest::gzip),
                encoding("gzip without a label", "", OddResponseTest::gzip),
                encoding("label without gzip", "Content-Encoding: gzip", OddResponseTest::bytes),
                encoding("byte order mark", "", json -> bytes("\uFEFF" + json)),
                encoding("UTF-16", "", json -> ("\uFEFF" + json).getBytes(StandardCharsets.UTF_16LE)),
                encoding("raw line feed", "", json -> bytes(json.replaceFirst("\\{", "{\"note\": \"a\nb\", "))),
                encoding("large ID token", "", json -> bytes(with(json, "id_token", "\"" + "i".repeat(40_000) + "\""))),
                encoding(
                        "deep objects",
                        "",
                        json -> bytes(with(json, "x", "{\"a\":".repeat(30) + "1" + "}".repeat(30)))),
                encoding("duplicate", "", json -> bytes(json.replaceFirst("}$", ", \"refresh_token\": null}"))),
                encoding("warning of PHP", "", json -> bytes("<b>Notice</b>: {x}\n" + json)));
    }

    private static Arguments encoding(String name, String headers, Function<String, byte[]> encode) {
        return Arguments.of(name, headers, encode);
    }

    private static String with(String json, String name, String value) {
        return json.replaceFirst("\\{", "{\"" + name + "\": " + value + ", ");
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("encodings")
    void theNextRefreshSendsTheNewToken(String name, String headers, Function<String, byte[]> encode) {
        StoredCredential credential = expired("strict");
        provider.next(user(credential), provider.spendAs(headers, encode));

        assertThat(get(credential).value().reveal()).isEqualTo("at~" + user(credential) + "~1~2");

        past(credential);
        assertThat(get(credential).value().reveal()).isEqualTo("at~" + user(credential) + "~1~3");
        assertThat(provider.isDead(user(credential))).isFalse();
    }

    /** Azure AD B2C answers so when no scope of an API was asked for. */
    @Test
    void aResponseWithoutAnAccessTokenKeepsTheRefreshTokenAndBacksOff() {
        StoredCredential credential = expired("strict");
        Duration before = Duration.ZERO;
        for (int i = 1; i <= 3; i++) {
            provider.next(user(credential), provider.spendForRefreshTokenOnly());

            assertThat(unavailable(credential)).isEqualTo("no_token");

            RefreshState state = row(credential).refresh();
            assertThat(state.lastError()).isEqualTo("no_token");
            assertThat(state.failures()).isEqualTo(i);
            Duration pause = Duration.between(Instant.now(), state.nextAt());
            assertThat(pause).isGreaterThan(before.plusSeconds(10));
            before = pause;
            assertThat(refreshToken(credential)).endsWith("~" + (i + 1));
            past(credential);
        }
        assertThat(heard.activity())
                .filteredOn(Activity.Refresh.class::isInstance)
                .extracting(refresh -> ((Activity.Refresh) refresh).outcome())
                .containsOnly("misconfigured");

        assertThat(get(credential).value().reveal()).endsWith("~5");

        assertThat(row(credential).refresh().lastError()).isNull();
        assertThat(row(credential).refresh().failures()).isZero();
    }

    @Test
    void aRefreshTokenIsUsedBeforeItExpires() {
        StoredCredential credential = expired("strict");
        provider.next(user(credential), provider.spendWith("\"refresh_token_expires_in\": 1800"));

        get(credential);

        RefreshState state = row(credential).refresh();
        assertThat(state.tokenExpiresAt())
                .isBetween(Instant.now().plusSeconds(1_790), Instant.now().plusSeconds(1_800));
        assertThat(state.nextAt()).isBefore(state.tokenExpiresAt().minusSeconds(200));
    }

    /** An end that a refresh does not move is no reason for another one. */
    @Test
    void anEndThatStaysIsNotChased() {
        StoredCredential credential = expired("strict");
        provider.next(user(credential), provider.spendWith("\"refresh_token_expires_in\": 1800"));
        get(credential);
        past(credential);
        provider.next(user(credential), provider.spendWith("\"refresh_token_expires_in\": 1795"));

        get(credential);

        RefreshState state = row(credential).refresh();
        assertThat(state.nextAt()).isAfter(state.tokenExpiresAt());
    }

    @Test
    void aResponseThatDoesNotNameTheEndLeavesIt() {
        StoredCredential credential = expired("strict");
        provider.next(user(credential), provider.spendWith("\"refresh_token_expires_in\": 180000"));
        get(credential);
        Instant end = row(credential).refresh().tokenExpiresAt();
        past(credential);

        get(credential);

        assertThat(row(credential).refresh().tokenExpiresAt()).isEqualTo(end);
    }

    @Test
    void aNewGrantBringsItsOwnEnd() {
        StoredCredential credential = expired("strict");
        OAuthCredential grant = grant("at", "rt", HOUR);
        Instant end = Instant.now().plus(Duration.ofDays(3));
        OAuthCredential ending = new OAuthCredential(
                grant.accessToken(),
                grant.refreshToken(),
                grant.tokenType(),
                grant.expiresAt(),
                false,
                grant.scopes(),
                grant.clientId(),
                grant.clientVars(),
                null,
                grant.metadata(),
                end,
                null);

        assertThat(store(credential.account(), ending).refresh().tokenExpiresAt())
                .isEqualTo(micros(end));
        assertThat(store(credential.account(), grant).refresh().tokenExpiresAt())
                .isNull();
    }

    @Test
    void theProvidersMinimumIntervalIsKept() {
        StoredCredential credential = expired("spaced");
        get(credential);
        past(credential);

        assertThat(unavailable(credential)).isEqualTo("min_interval");
        assertThat(provider.calls(user(credential))).hasSize(1);
        assertThat(row(credential).refresh().nextAt()).isAfter(Instant.now().plusSeconds(500));

        database.set(credential.key().id(), "last_refreshed_at = clock_timestamp() - interval '601 s'");
        AccessToken token = await(tokens.refreshCredential(credential.key(), TokenQuery.DEFAULT));
        assertThat(token.value().reveal()).isNotEmpty();
        assertThat(provider.calls(user(credential))).hasSize(2);
    }

    /** The access token has expired and its back-off is over. */
    private void past(StoredCredential credential) {
        database.set(
                credential.key().id(),
                "issued_at = clock_timestamp() - interval '2 h', expires_at = clock_timestamp() - interval '1 h',"
                        + " last_failed_at = last_failed_at - interval '2 h',"
                        + " next_refresh_at = clock_timestamp() - interval '1 s'");
    }

    private static Instant micros(Instant instant) {
        return instant.truncatedTo(ChronoUnit.MICROS);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static byte[] gzip(String text) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(bytes(text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }
}
