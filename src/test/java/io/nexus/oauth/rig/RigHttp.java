package io.nexus.oauth.rig;

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

/** As much HTTP as the rig's provider needs: requests with a form, and answers byte by byte. */
final class RigHttp {

    private RigHttp() {}

    /** A request as it came. */
    record Request(String path, Map<String, String> headers, Map<String, String> params) {

        static Request read(InputStream in) throws IOException {
            String target = line(in).split(" ")[1];
            Map<String, String> headers = new HashMap<>();
            for (String line = line(in); !line.isEmpty(); line = line(in)) {
                String[] parts = line.split(":", 2);
                headers.put(parts[0].toLowerCase(Locale.ROOT), parts[1].strip());
            }
            int length = Integer.parseInt(headers.getOrDefault("content-length", "0"));
            String body = new String(in.readNBytes(length), StandardCharsets.UTF_8);
            int query = target.indexOf('?');
            String text = query < 0 ? body : target.substring(query + 1);
            Map<String, String> params = new HashMap<>();
            for (String pair : text.isEmpty() ? new String[0] : text.split("&")) {
                String[] parts = pair.split("=", 2);
                params.put(parts[0], URLDecoder.decode(parts[1], StandardCharsets.UTF_8));
            }
            return new Request(query < 0 ? target : target.substring(0, query), headers, params);
        }

        boolean keepsAlive() {
            return !path.startsWith("/admin/") && !"close".equalsIgnoreCase(headers.get("connection"));
        }

        private static String line(InputStream in) throws IOException {
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
    }

    /** Whether the client has closed its side. */
    static boolean gone(Socket socket) throws IOException {
        socket.setSoTimeout(1);
        try {
            return socket.getInputStream().read() < 0;
        } catch (SocketTimeoutException e) {
            return false;
        } finally {
            socket.setSoTimeout(0);
        }
    }

    static void error(Socket socket, int status, String code) throws IOException {
        write(socket, status, "Content-Type: application/json", "{\"error\":\"" + code + "\"}");
    }

    static void write(Socket socket, int status, String headers, String body) throws IOException {
        socket.getOutputStream().write(message(status, headers, body));
        socket.getOutputStream().flush();
    }

    static byte[] message(int status, String headers, String body) {
        return ("HTTP/1.1 " + status + " X\r\n" + (headers.isEmpty() ? "" : headers + "\r\n") + "Content-Length: "
                        + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }
}
