package io.nexus.oauth.audit;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** One event is one line of the log, whatever names it holds, and every line says what it says. */
class CredentialEventLoggerTest {

    private static final Pattern LINE =
            Pattern.compile("AUDIT: ([^|]*) \\| provider=([^|]*) \\| user=([^|]*) \\| tenant=([^|]*)");

    /** What ends lines, turns them around, hides in them or parts their fields. */
    private static final int[] NASTY = {
        0, '\t', '\n', 0x0b, '\f', '\r', 0x1b, 0x7f, 0x85, 0xa0, 0xad, 0x061c, 0x200b, 0x200e, 0x2028, 0x2029, 0x202a,
        0x202e, 0x2066, 0x2069, 0x3000, 0xd800, 0xdfff, 0xe000, 0xfeff, 0xfff9, 0xe0001, 0x10ffff, '|', '\\', '=', ' ',
        '%', '{', 'u'
    };

    @Test
    void anOrdinaryEventIsWrittenAsTheSeedHasIt() {
        assertThat(CredentialEventLogger.line("token_refreshed", "google", "zoë@example.com", "default"))
                .isEqualTo("AUDIT: token_refreshed | provider=google | user=zoë@example.com | tenant=default");
    }

    @Test
    void anyEventIsOneLineOfFourFieldsThatReadBack() {
        Random random = new Random(20_260_101);
        for (int i = 0; i < 50_000; i++) {
            String operation = text(random);
            String provider = text(random);
            String user = text(random);
            String tenant = text(random);

            String line = CredentialEventLogger.line(operation, provider, user, tenant);

            assertThat(line.codePoints().noneMatch(CredentialEventLoggerTest::isDangerous))
                    .as(line)
                    .isTrue();
            assertThat(line.lines()).hasSize(1);
            Matcher fields = LINE.matcher(line);
            assertThat(fields.matches()).as(line).isTrue();
            assertThat(unescaped(fields.group(1))).isEqualTo(operation);
            assertThat(unescaped(fields.group(2))).isEqualTo(provider);
            assertThat(unescaped(fields.group(3))).isEqualTo(user);
            assertThat(unescaped(fields.group(4))).isEqualTo(tenant);
        }
    }

    @Test
    void aForgedFieldStaysInItsField() {
        assertThat(CredentialEventLogger.line("credential_created", "box", "eve | tenant=victim\nAUDIT: x", "mine"))
                .isEqualTo("AUDIT: credential_created | provider=box | user=eve \\u007c tenant=victim\\u000aAUDIT: x"
                        + " | tenant=mine");
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(12); i > 0; i--) {
            switch (random.nextInt(3)) {
                case 0 -> text.append((char) ('a' + random.nextInt(26)));
                case 1 -> text.appendCodePoint(NASTY[random.nextInt(NASTY.length)]);
                default -> text.appendCodePoint(random.nextInt(0x110000));
            }
        }
        return text.toString();
    }

    private static boolean isDangerous(int codePoint) {
        int type = Character.getType(codePoint);
        return type == Character.CONTROL
                || type == Character.FORMAT
                || type == Character.LINE_SEPARATOR
                || type == Character.PARAGRAPH_SEPARATOR
                || type == Character.SURROGATE;
    }

    private static String unescaped(String text) {
        return Pattern.compile("\\\\u([0-9a-f]{4})")
                .matcher(text)
                .replaceAll(
                        found -> Matcher.quoteReplacement(String.valueOf((char) Integer.parseInt(found.group(1), 16))));
    }
}
