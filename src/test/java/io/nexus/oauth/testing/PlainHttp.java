package io.nexus.oauth.testing;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/** As much HTTP as a server of a test needs that misbehaves byte by byte: requests, and answers as text. */
public final class PlainHttp {

    private PlainHttp() {}

    /**
     * A request as it came.
     *
     * @param target path and query
     * @param headers by their names in small letters
     */
    public record Request(String method, String target, Map<String, String> headers, String body) {

        /** Reads one; throws when the connection ends before, or when it is no HTTP. */
        public static Request read(InputStream in) throws IOException {
            String[] first = line(in).split(" ");
            if (first.length < 2) {
                throw new IOException("not HTTP");
            }
            Map<String, String> headers = new HashMap<>();
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                int colon = line.indexOf(':');
                if (colon < 0) {
                    throw new IOException("not HTTP");
                }
                headers.put(
                        line.substring(0, colon).toLowerCase(Locale.ROOT),
                        line.substring(colon + 1).strip());
            }
            int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
            return new Request(first[0], first[1], headers, new String(in.readNBytes(length), StandardCharsets.UTF_8));
        }

        /** The target without its query. */
        public String path() {
            return target.replaceFirst("\\?.*", "");
        }

        /** The parameters of the query, or of the form where there is no query. */
        public Map<String, String> params() {
            int query = target.indexOf('?');
            String text = query < 0 ? body : target.substring(query + 1);
            Map<String, String> params = new HashMap<>();
            for (String pair : text.isEmpty() ? new String[0] : text.split("&")) {
                String[] parts = pair.split("=", 2);
                params.put(decoded(parts[0]), parts.length == 1 ? "" : decoded(parts[1]));
            }
            return params;
        }

        private static String decoded(String text) {
            return URLDecoder.decode(text, StandardCharsets.UTF_8);
        }
    }

    /** One line without its end. */
    public static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("closed");
            }
            if (c != '\r') {
                line.write(c);
            }
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    /** Whether the client has closed its side. */
    public static boolean gone(Socket socket) throws IOException {
        socket.setSoTimeout(1);
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } finally {
            socket.setSoTimeout(0);
        }
    }

    /** Answers with an OAuth error. */
    public static void error(Socket socket, int status, String code) throws IOException {
        write(socket, status, "Content-Type: application/json", "{\"error\":\"" + code + "\"}");
    }

    /** Answers. */
    public static void write(Socket socket, int status, String headers, String body) throws IOException {
        write(socket, message(status, headers, body));
    }

    /** Sends these bytes. */
    public static void write(Socket socket, byte[] message) throws IOException {
        socket.getOutputStream().write(message);
        socket.getOutputStream().flush();
    }

    /** An answer with its length; {@code headers} are lines without the last line's end. */
    public static byte[] message(int status, String headers, String body) {
        return message(status, headers, body.getBytes(StandardCharsets.UTF_8));
    }

    /** The same with a body of bytes, for example a compressed one. */
    public static byte[] message(int status, String headers, byte[] body) {
        String head = "HTTP/1.1 " + status + " X\r\n" + (headers.isEmpty() ? "" : headers + "\r\n");
        ByteArrayOutputStream message = new ByteArrayOutputStream();
        message.writeBytes((head + "Content-Length: " + body.length + "\r\n\r\n").getBytes(StandardCharsets.UTF_8));
        message.writeBytes(body);
        return message.toByteArray();
    }
}
