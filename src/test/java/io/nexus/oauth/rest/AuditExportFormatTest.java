package io.nexus.oauth.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.event.AuditEntry;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Each entry is one line of the file, and no spreadsheet runs its text as a formula. */
class AuditExportFormatTest {

    private final ObjectMapper json = new ObjectMapper()
            .registerModule(new JavaTimeModule())
            .setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE);
    private final AuditExportFormat lines = new AuditExportFormat(json);

    @Test
    void anyEntryIsOneLine() throws Exception {
        Random random = new Random(20_260_102);
        for (int i = 0; i < 20_000; i++) {
            AuditEntry entry = entry(text(random), text(random));

            String line = lines.json(entry);
            assertThat(line.chars()).allMatch(c -> c == '\n' || (c >= ' ' && c < 0x7f));
            assertThat(line.indexOf('\n')).isEqualTo(line.length() - 1);
            JsonNode read = json.readTree(line);
            assertThat(read.get("user").asText()).isEqualTo(entry.user());

            String csv = AuditExportFormat.csv(entry);
            assertThat(csv.lines()).hasSize(1);
            assertThat(csv.codePoints().limit(csv.codePoints().count() - 2))
                    .noneMatch(c -> Character.getType(c) == Character.CONTROL
                            || Character.getType(c) == Character.FORMAT
                            || Character.getType(c) == Character.LINE_SEPARATOR
                            || Character.getType(c) == Character.PARAGRAPH_SEPARATOR);
            assertThat(fields(csv)).hasSize(12).noneMatch(AuditExportFormatTest::isFormula);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"=cmd|' /C calc'!A0", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "\n+1"})
    void whatASpreadsheetWouldRunIsText(String formula) {
        assertThat(fields(AuditExportFormat.csv(entry(formula, "x"))).get(5)).startsWith("'");
    }

    @Test
    void ordinaryTextStaysAsItIs() {
        assertThat(fields(AuditExportFormat.csv(entry("o\"neil, jr@example.com", "x")))
                        .get(5))
                .isEqualTo("o\"neil, jr@example.com");
    }

    private static AuditEntry entry(String user, String detail) {
        return new AuditEntry(
                7,
                Instant.EPOCH,
                TenantId.DEFAULT,
                "credential_created",
                UUID.randomUUID(),
                "box",
                user,
                "system",
                detail,
                null,
                null,
                1L,
                1,
                null);
    }

    private static boolean isFormula(String field) {
        return !field.isEmpty() && "=+-@\t\r".indexOf(field.charAt(0)) >= 0;
    }

    /** RFC 4180, with every field in quotes. */
    private static List<String> fields(String line) {
        List<String> fields = new ArrayList<>();
        int at = 0;
        while (line.charAt(at) == '"') {
            StringBuilder field = new StringBuilder();
            for (at++; line.charAt(at) != '"' || line.charAt(at + 1) == '"'; at++) {
                if (line.charAt(at) == '"') {
                    at++;
                }
                field.append(line.charAt(at));
            }
            fields.add(field.toString());
            at += 2;
        }
        return fields;
    }

    private static String text(Random random) {
        StringBuilder text = new StringBuilder();
        for (int i = random.nextInt(10); i > 0; i--) {
            switch (random.nextInt(3)) {
                case 0 -> text.append("=+-@,\"'\t\r\n |".charAt(random.nextInt(12)));
                case 1 -> text.append((char) ('a' + random.nextInt(26)));
                default -> {
                    int codePoint = random.nextInt(0x110000);
                    text.appendCodePoint(Character.getType(codePoint) == Character.SURROGATE ? 'x' : codePoint);
                }
            }
        }
        return text.toString();
    }
}
