package io.nexus.oauth.provider.egress;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ContentCodingsTest {

    private static final int CAP = 64 * 1024;
    private static final String JSON = "{\"access_token\":\"at\",\"refresh_token\":\"rt\"}";

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "x-gzip", "GZIP", " gzip ", "identity, gzip", "", "br", "deflate"})
    void readsGzipWhateverItsLabel(String header) throws Exception {
        assertThat(text(header, gzip(bytes(JSON)))).isEqualTo(JSON);
    }

    @Test
    void readsBothFormsOfDeflate() throws Exception {
        assertThat(text("deflate", deflate(bytes(JSON), false))).isEqualTo(JSON);
        assertThat(text("deflate", deflate(bytes(JSON), true))).isEqualTo(JSON);
    }

    /** The first byte of a bare deflate stream may be that of a JSON text. */
    @Test
    void readsABareStreamThatBeginsWithABrace() throws Exception {
        byte[] sent = deflate(bytes("\uFEFF" + JSON), true);

        assertThat(sent[0]).isEqualTo((byte) '{');
        assertThat(text("deflate", sent)).isEqualTo(JSON);
    }

    /** These texts begin with, or are, a whole stream of the bare format, which has no check sum. */
    @ParameterizedTest
    @ValueSource(strings = {"{\"a\":\"1Dsa#7 \"}", "{\"a\":\"1Dsa#7 \u0001\"}", "s=j6wO}{Hz6@"})
    void readsATextThatLooksLikeABareStream(String sent) throws Exception {
        assertThat(text("deflate", bytes(sent))).isEqualTo(sent);
    }

    @Property
    void readsATextThatIsOnlyLabelledAsDeflated(@ForAll @AlphaChars String text) throws Exception {
        String sent = "{\"a\":\"" + text + "\"}";

        assertThat(text("deflate", bytes(sent))).isEqualTo(sent);
        assertThat(text("gzip", bytes(sent))).isEqualTo(sent);
    }

    @Test
    void readsSeveralCodings() throws Exception {
        byte[] twice = gzip(deflate(bytes(JSON), false));

        assertThat(text("deflate, gzip", twice)).isEqualTo(JSON);
        assertThat(text("gzip", gzip(gzip(bytes(JSON))))).isEqualTo(JSON);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "br", "gzip, deflate", "nonsense", ",,"})
    void readsABodyThatIsOnlyLabelledAsCompressed(String header) throws Exception {
        assertThat(text(header, bytes(JSON))).isEqualTo(JSON);
        assertThat(text(header, bytes(" \r\n" + JSON))).isEqualTo(" \r\n" + JSON);
        assertThat(text(header, bytes("access_token=K&refresh_token=rt"))).isEqualTo("access_token=K&refresh_token=rt");
        assertThat(text(header, new byte[0])).isEmpty();
    }

    @Test
    void readsWhatCameBeforeADamagedEnd() throws Exception {
        byte[] whole = gzip(bytes(JSON));
        byte[] wrongSum = whole.clone();
        wrongSum[whole.length - 5] ^= 1;
        byte[] more = Arrays.copyOf(whole, whole.length + 7);

        assertThat(text("gzip", Arrays.copyOf(whole, whole.length - 8))).isEqualTo(JSON);
        assertThat(text("gzip", wrongSum)).isEqualTo(JSON);
        assertThat(text("gzip", more)).isEqualTo(JSON);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gzip", "deflate", "gzip, gzip"})
    void aSmallBodyCannotBecomeALargeOne(String header) {
        byte[] zeros = new byte[50 * 1024 * 1024];
        byte[] bomb = header.equals("deflate") ? deflate(zeros, false) : gzip(zeros);
        byte[] sent = header.equals("gzip, gzip") ? gzip(bomb) : bomb;

        assertThat(sent).hasSizeLessThan(CAP);
        assertThatThrownBy(() -> text(header, sent)).isInstanceOf(ContentCodings.TooLargeException.class);
    }

    @Test
    void theLargestBodyIsRead() throws Exception {
        byte[] largest = new byte[CAP];
        Arrays.fill(largest, (byte) 'x');

        assertThat(text("gzip", gzip(largest))).hasSize(CAP);
        assertThatThrownBy(() -> text("gzip", gzip(new byte[CAP + 1])))
                .isInstanceOf(ContentCodings.TooLargeException.class);
    }

    @Property
    void everyBodyIsReadBack(@ForAll byte[] body) throws Exception {
        assertThat(ContentCodings.decode("gzip", gzip(body), CAP)).isEqualTo(body);
        assertThat(ContentCodings.decode("deflate", deflate(body, false), CAP)).isEqualTo(body);
    }

    /** Nothing that a server sends is a surprise, and nothing is larger than its bound. */
    @Property
    void anyBytesUnderAnyLabelGiveABoundedResult(@ForAll @Size(max = 2000) byte[] body, @ForAll String label) {
        for (String header : new String[] {"gzip", "deflate", "gzip, deflate", label}) {
            try {
                assertThat(ContentCodings.decode(header, body, 1024).length).isLessThanOrEqualTo(2000);
            } catch (ContentCodings.TooLargeException e) {
                assertThat(header).isNotEmpty();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"UTF-8", "UTF-16BE", "UTF-16LE", "UTF-32BE", "UTF-32LE"})
    void readsEveryEncodingOfUnicode(String charset) {
        String text = "{\"name\":\"Zoë\"}";

        assertThat(ContentCodings.text(text.getBytes(Charset.forName(charset)))).isEqualTo(text);
        assertThat(ContentCodings.text(("\uFEFF" + text).getBytes(Charset.forName(charset))))
                .isEqualTo(text);
        assertThat(ContentCodings.text("".getBytes(Charset.forName(charset)))).isEmpty();
    }

    @Property
    void textInUtf8IsReadAsIs(@ForAll String text) {
        String sent = "{" + text.replaceAll("[\\ud800-\\udfff\\u0000]", "");

        assertThat(ContentCodings.text(bytes(sent))).isEqualTo(sent);
    }

    private static String text(@Nullable String header, byte[] body) throws ContentCodings.TooLargeException {
        return ContentCodings.text(ContentCodings.decode(header, body, CAP));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    static byte[] gzip(byte[] data) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
            out.write(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    static byte[] deflate(byte[] data, boolean bare) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Deflater deflater = new Deflater(Deflater.BEST_COMPRESSION, bare);
        try (DeflaterOutputStream out = new DeflaterOutputStream(bytes, deflater)) {
            out.write(data);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            deflater.end();
        }
        return bytes.toByteArray();
    }
}
