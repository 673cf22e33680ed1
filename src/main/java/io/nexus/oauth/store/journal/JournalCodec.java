package io.nexus.oauth.store.journal;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.JournalEntry;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.TenantId;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Journal records as bytes: {@code magic, length, ~length, CRC32C of length and body, body}, all big-endian. The body is {@code version,
 * type, time, attempt} and for an answer {@code tenant, credential, epoch, payload}. Pure; knows nothing of files.
 *
 * <p>The magic begins with a byte that no UTF-8 text contains, so a payload never looks like the start of a record. The length stands
 * there twice, so that a nonsensical one is seen before anything is read, let alone allocated, by it.
 */
final class JournalCodec {

    static final int HEADER = 16;

    /** The largest body. An answer is 64 KiB at most before it is sealed, and sealing adds a third, twice at worst. */
    static final int MAX_BODY = 256 * 1024;

    /** The largest record with its header. */
    static final int MAX_RECORD = HEADER + MAX_BODY;

    private static final int MAGIC = 0xFF4E4AFE;
    private static final byte FIRST_VERSION = 1;
    private static final byte WRITTEN = 1;
    private static final byte SETTLED = 2;
    private static final int PREFIX = 2 + Long.BYTES + 2 * Long.BYTES;

    private JournalCodec() {}

    /** The whole record, ready to be written. Throws {@link IllegalArgumentException} when it is larger than {@link #MAX_BODY}. */
    static ByteBuffer encode(JournalRecord record) {
        return switch (record) {
            case JournalRecord.Settled settled -> seal(begin(PREFIX, SETTLED, settled.attempt(), settled.writtenAt()));
            case JournalRecord.Written written -> encode(written);
        };
    }

    private static ByteBuffer encode(JournalRecord.Written written) {
        JournalEntry entry = written.entry();
        byte[] tenant = entry.key().tenant().value().getBytes(StandardCharsets.UTF_8);
        byte[] payload = entry.payload().text().getBytes(StandardCharsets.UTF_8);
        long length = PREFIX + 1L + tenant.length + 3L * Long.BYTES + payload.length;
        if (length > MAX_BODY) {
            throw new IllegalArgumentException("an answer of " + length + " bytes is too large for the journal");
        }
        ByteBuffer record = begin((int) length, WRITTEN, entry.attempt(), written.writtenAt());
        record.put((byte) tenant.length).put(tenant);
        put(record, entry.key().id());
        record.putLong(entry.epoch()).put(payload);
        return seal(record);
    }

    private static ByteBuffer begin(int length, byte type, UUID attempt, long writtenAt) {
        ByteBuffer record = ByteBuffer.allocate(HEADER + length);
        record.position(HEADER);
        record.put(FIRST_VERSION).put(type).putLong(writtenAt);
        put(record, attempt);
        return record;
    }

    private static ByteBuffer seal(ByteBuffer record) {
        int length = record.capacity() - HEADER;
        record.clear();
        record.putInt(MAGIC).putInt(length).putInt(~length).putInt(crc(record, 0, length));
        return record.rewind();
    }

    /** How long the body of the record at {@code at} is; -1 when no undamaged record of {@code window} begins there. */
    static int bodyAt(ByteBuffer window, int at) {
        if (window.limit() - at < HEADER || window.getInt(at) != MAGIC) {
            return -1;
        }
        int length = window.getInt(at + 4);
        if (length <= 0 || length > MAX_BODY || window.getInt(at + 8) != ~length) {
            return -1;
        }
        boolean whole = window.limit() - at - HEADER >= length && window.getInt(at + 12) == crc(window, at, length);
        return whole ? length : -1;
    }

    private static int crc(ByteBuffer window, int at, int length) {
        CRC32C crc = new CRC32C();
        crc.update(window.slice(at + 4, 4));
        crc.update(window.slice(at + HEADER, length));
        return (int) crc.getValue();
    }

    /** The record with this undamaged body; null when it is none that this version knows: a later one may have written it. */
    static @Nullable JournalRecord decode(ByteBuffer body) {
        try {
            byte version = body.get();
            byte type = body.get();
            long writtenAt = body.getLong();
            UUID attempt = uuid(body);
            if (version != FIRST_VERSION) {
                return null;
            }
            return switch (type) {
                case WRITTEN -> new JournalRecord.Written(entry(attempt, body), writtenAt);
                case SETTLED -> new JournalRecord.Settled(attempt, writtenAt);
                default -> null;
            };
        } catch (BufferUnderflowException | IllegalArgumentException e) {
            return null;
        }
    }

    private static JournalEntry entry(UUID attempt, ByteBuffer body) {
        TenantId tenant = new TenantId(text(body, Byte.toUnsignedInt(body.get())));
        UUID id = uuid(body);
        long epoch = body.getLong();
        return new JournalEntry(
                attempt, new CredentialKey(tenant, id), epoch, new SealedSecret(text(body, body.remaining())));
    }

    private static String text(ByteBuffer body, int length) {
        if (length > body.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        body.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static void put(ByteBuffer record, UUID id) {
        record.putLong(id.getMostSignificantBits()).putLong(id.getLeastSignificantBits());
    }

    private static UUID uuid(ByteBuffer body) {
        return new UUID(body.getLong(), body.getLong());
    }
}
