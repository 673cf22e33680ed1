package io.nexus.oauth.provider;

import static io.nexus.oauth.provider.Providers.NOW;
import static io.nexus.oauth.provider.Providers.await;
import static io.nexus.oauth.provider.Providers.client;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.ScriptedServer.Script;
import io.nexus.oauth.provider.reply.TokenReply;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLEncoder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;

/**
 * A refresh token that a provider issued is never lost over anything beside it: each answer comes over HTTP, and the
 * next refresh must send its refresh token.
 */
class RefreshTokenSurvivalTest {

    private static final ScriptedServer SERVER = new ScriptedServer();
    private static final OAuthProvider PROVIDER = Providers.at(SERVER, "refresh: {rotation: always}\n");
    private static final Script ANY = ScriptedServer.json(200, "{\"access_token\":\"at\"}");

    @AfterContainer
    static void close() throws IOException {
        SERVER.close();
    }

    @Property(tries = 400)
    void theNextRefreshSendsTheTokenOfTheAnswer(
            @ForAll("tokens") String token,
            @ForAll("members") List<String> members,
            @ForAll("wrappings") Wrapping wrapping,
            @ForAll("charsets") String charset,
            @ForAll("codings") Coding coding,
            @ForAll("statuses") int status) {
        String json = wrapping.around(members, member(token));
        String text = charset.endsWith("BOM") ? "\uFEFF" + json : json;
        byte[] plain = text.getBytes(Charset.forName(charset.replace("BOM", "")));
        Assume.that(plain.length <= TokenEndpoint.MAX_REPLY_BYTES);
        byte[] body = coding.encode(plain);
        SERVER.now(ScriptedServer.reply(status, coding.header, body));

        TokenReply reply = await(PROVIDER.refreshToken(client(), credential("rt-1")));

        assertThat(reply).as(json).isInstanceOf(TokenReply.Granted.class);
        Secret issued =
                Objects.requireNonNull(((TokenReply.Granted) reply).response().refreshToken());
        SERVER.now(ANY);
        await(PROVIDER.refreshToken(client(), credential(issued.reveal())));
        assertThat(SERVER.requests().getLast().body())
                .contains("&refresh_token=" + URLEncoder.encode(token, StandardCharsets.UTF_8) + "&");
        SERVER.requests().clear();
    }

    private static OAuthCredential credential(String refreshToken) {
        return OAuthCredential.bearer(Secret.of("at-1"), Secret.of(refreshToken), NOW);
    }

    private static String member(String token) {
        boolean number = token.chars().allMatch(c -> c >= '1' && c <= '9');
        return "\"refresh_token\":" + (number ? token : JsonNodeFactory.instance.textNode(token));
    }

    /** What servers write around an object. */
    enum Wrapping {
        NONE("", ""),
        BLANKS(" \r\n\t", "\n\n"),
        MORE("", " trailing garbage }"),
        ARRAY("[", "]"),
        WARNING("<br />\n<b>Notice</b>: Undefined index: {x} in \"token.php\"\n", ""),
        GUARD(")]}',\n", ""),
        CALL("callback(", ");");

        private final String before;
        private final String after;

        Wrapping(String before, String after) {
            this.before = before;
            this.after = after;
        }

        String around(List<String> members, String token) {
            return before
                    + Stream.concat(members.stream(), Stream.of(token)).collect(Collectors.joining(",", "{", "}"))
                    + after;
        }
    }

    /** What is done to a body, and what its label says. */
    enum Coding {
        NONE(""),
        GZIP("Content-Encoding: gzip"),
        X_GZIP("Content-Encoding: x-gzip"),
        ZLIB("Content-Encoding: deflate"),
        DEFLATE("Content-Encoding: deflate"),
        TWICE("Content-Encoding: deflate, gzip"),
        GZIP_WITHOUT_A_LABEL("Content-Type: application/octet-stream"),
        LABEL_WITHOUT_GZIP("Content-Encoding: gzip"),
        LABEL_WITHOUT_DEFLATE("Content-Encoding: deflate"),
        FORM_LABEL("Content-Type: application/x-www-form-urlencoded");

        private final String header;

        Coding(String header) {
            this.header = header;
        }

        byte[] encode(byte[] body) {
            return switch (this) {
                case GZIP, X_GZIP, GZIP_WITHOUT_A_LABEL -> gzip(body);
                case ZLIB -> deflate(body, false);
                case DEFLATE -> deflate(body, true);
                case TWICE -> gzip(deflate(body, false));
                case NONE, LABEL_WITHOUT_GZIP, LABEL_WITHOUT_DEFLATE, FORM_LABEL -> body;
            };
        }
    }

    private static byte[] gzip(byte[] data) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] deflate(byte[] data, boolean bare) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Deflater deflater = new Deflater(Deflater.DEFAULT_COMPRESSION, bare);
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, deflater)) {
            out.write(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deflater.end();
        }
        return bytes.toByteArray();
    }

    @Provide
    Arbitrary<String> tokens() {
        return Arbitraries.oneOf(
                Arbitraries.strings()
                        .withCharRange(' ', '~')
                        .ofMinLength(1)
                        .ofMaxLength(3_000)
                        .filter(text -> !text.isBlank()),
                Arbitraries.strings().withCharRange('1', '9').ofMinLength(1).ofMaxLength(40),
                Arbitraries.of("é✓", "line\nfeed", "r".repeat(60_000)));
    }

    /** Members that nobody expects, before the refresh token. */
    @Provide
    Arbitrary<List<String>> members() {
        Arbitrary<String> names = Arbitraries.of(
                "error",
                "access_token",
                "expires_in",
                "refresh_token_expires_in",
                "scope",
                "token_type",
                "id_token",
                "x",
                "refresh_token");
        Arbitrary<String> values = Arbitraries.oneOf(
                Arbitraries.of(
                        "null",
                        "true",
                        "{}",
                        "[]",
                        "NaN",
                        "-Infinity",
                        "1e999",
                        "1e18",
                        "1795341660",
                        "9".repeat(5_000),
                        "\"\"",
                        "\"raw\nline\u0001\"",
                        "\"\\q\"",
                        "\"\\ud800\"",
                        "\"" + "i".repeat(40_000) + "\"",
                        "[".repeat(40) + "]".repeat(40),
                        "[".repeat(20_000) + "]".repeat(20_000),
                        "{\"refresh_token\":{\"a\":[1,]}}",
                        "\"at\""),
                Arbitraries.doubles().map(String::valueOf),
                Arbitraries.strings()
                        .withCharRange(' ', '~')
                        .excludeChars('"', '\\')
                        .map(text -> "\"" + text + "\""));
        return Combinators.combine(names, values)
                .as((name, value) -> "\"" + name + "\":" + value)
                .list()
                .ofMaxSize(5)
                .map(Collections::unmodifiableList);
    }

    @Provide
    Arbitrary<Wrapping> wrappings() {
        return Arbitraries.of(Wrapping.class);
    }

    @Provide
    Arbitrary<Coding> codings() {
        return Arbitraries.of(Coding.class);
    }

    @Provide
    Arbitrary<String> charsets() {
        return Arbitraries.of("UTF-8", "UTF-8", "UTF-8BOM", "UTF-16LEBOM", "UTF-16BEBOM", "UTF-16LE", "UTF-16BE");
    }

    @Provide
    Arbitrary<Integer> statuses() {
        return Arbitraries.of(200, 200, 201, 203);
    }
}
