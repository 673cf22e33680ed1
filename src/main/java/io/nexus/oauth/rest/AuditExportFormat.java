package io.nexus.oauth.rest;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.ObjectWriter;
import io.nexus.oauth.event.AuditEntry;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Formats entries of the audit trail as lines of a file. Each entry is exactly one line, whatever its texts contain. */
@ApplicationScoped
class AuditExportFormat {

    /** The columns of the CSV. */
    static final String HEADER =
            "id,at,operation,credential_id,provider,user,actor,subject,source,version,times,detail\r\n";

    private final ObjectWriter json;

    AuditExportFormat(ObjectMapper json) {
        this.json = json.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII);
    }

    /** The entry as JSON in ASCII; other characters, such as line separators, are escaped. */
    String json(AuditEntry entry) {
        try {
            return json.writeValueAsString(ViewMapper.audit(entry)) + "\n";
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write an audit entry as JSON", e);
        }
    }

    /** The entry as CSV (RFC 4180). */
    static String csv(AuditEntry entry) {
        return Stream.of(
                                entry.id(),
                                entry.at(),
                                entry.operation(),
                                Objects.requireNonNullElse(entry.credentialId(), ""),
                                Objects.requireNonNullElse(entry.provider(), ""),
                                Objects.requireNonNullElse(entry.user(), ""),
                                entry.actor(),
                                Objects.requireNonNullElse(entry.subject(), ""),
                                Objects.requireNonNullElse(entry.source(), ""),
                                Objects.requireNonNullElse(entry.version(), ""),
                                entry.times(),
                                Objects.requireNonNullElse(entry.detail(), ""))
                        .map(AuditExportFormat::field)
                        .collect(Collectors.joining(","))
                + "\r\n";
    }

    /** Quotes a field. Formulas get a leading apostrophe, so that no spreadsheet runs them; control characters become spaces. */
    private static String field(@Nullable Object value) {
        String text = String.valueOf(value)
                .codePoints()
                .map(c -> isBreaking(c) ? ' ' : c)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
        boolean formula = !text.isEmpty()
                && "=+-@".indexOf(text.stripLeading().concat("\"").charAt(0)) >= 0;
        return '"' + (formula ? "'" : "") + text.replace("\"", "\"\"") + '"';
    }

    private static boolean isBreaking(int codePoint) {
        return switch (Character.getType(codePoint)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> true;
            default -> false;
        };
    }
}
