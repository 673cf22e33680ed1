package io.nexus.oauth.rig;

import io.nexus.oauth.testing.PlainHttp;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPOutputStream;

/** A token answer in one of the odd forms that servers send and that a client can read. */
final class OddAnswer {

    private static final String JSON = "Content-Type: application/json";
    private static final int ID_TOKEN = 34_000;
    private static final int DEPTH = 40;

    private OddAnswer() {}

    /** {@code body}, a JSON object with the tokens, as the dice have it. */
    static byte[] message(Dice.Fault fault, Dice thrown, String body) throws IOException {
        byte[] bytes = text(fault, body).getBytes(StandardCharsets.UTF_8);
        return switch (fault) {
            case GZIP -> PlainHttp.message(200, JSON + "\r\nContent-Encoding: gzip", gzip(bytes));
            case GZIP_UNLABELLED -> PlainHttp.message(200, JSON, gzip(bytes));
            case DEFLATE ->
                PlainHttp.message(200, JSON + "\r\nContent-Encoding: deflate", deflate(bytes, thrown.next() < 0.5));
            default -> PlainHttp.message(200, JSON, bytes);
        };
    }

    private static String text(Dice.Fault fault, String body) {
        String members = body.substring(1, body.length() - 1);
        return switch (fault) {
            case BYTE_ORDER_MARK -> "\uFEFF" + body;
            case STRINGS ->
                body.replaceFirst("\"expires_in\":([0-9]+)", "\"expires_in\":\"$1\"")
                        .replace("{", "{\"refresh_token_expires_in\":\"86400\",");
            case DUPLICATES ->
                "{\"refresh_token\":\"\",\"access_token\":null," + members
                        + ",\"access_token\":\"\",\"refresh_token\":null}";
            case JUNK -> "{" + junk() + "," + members + ",\"note\":\"two\nlines\",\"error\":\"\"}";
            default -> body;
        };
    }

    /** Members of other meaning, some of them with names of tokens inside. */
    private static String junk() {
        return "\"id_token\":\"" + "e".repeat(ID_TOKEN) + "\",\"deep\":" + "[".repeat(DEPTH) + "]".repeat(DEPTH)
                + ",\"number\":NaN,\"user\":{\"access_token\":\"wrong\",\"refresh_token\":\"wrong\",\"expires_in\":1}";
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    /** With the header of zlib, as RFC 9110 has it, or bare, as many servers send it. */
    private static byte[] deflate(byte[] bytes, boolean bare) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (OutputStream out = new DeflaterOutputStream(packed, new Deflater(Deflater.DEFAULT_COMPRESSION, bare))) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }
}
