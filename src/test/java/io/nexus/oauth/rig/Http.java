package io.nexus.oauth.rig;

import io.nexus.oauth.testing.PlainHttp;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The least HTTP client: one connection, kept between requests, reopened when the port changes or a request fails. One thread. */
final class Http implements AutoCloseable {

    private static final int PATIENCE_MS = 75_000;

    private Socket socket;
    private InputStream in;
    private int connectedTo;

    /** An answer. */
    record Answer(int status, String body) {

        /** The text of a JSON field, or an empty one. */
        String field(String name) {
            Matcher found = Pattern.compile("\"" + name + "\":\\s*(?:\"([^\"]*)\"|([^,}]+))")
                    .matcher(body);
            if (!found.find()) {
                return "";
            }
            return found.group(1) != null ? found.group(1) : found.group(2);
        }
    }

    Answer get(int port, String uri, String key) throws IOException {
        return exchange(port, "GET", uri, key, "");
    }

    Answer post(int port, String uri, String key, String body) throws IOException {
        return exchange(port, "POST", uri, key, body);
    }

    Answer exchange(int port, String method, String uri, String key, String body) throws IOException {
        try {
            connect(port);
            byte[] request = request(method, uri, key, body);
            socket.getOutputStream().write(request);
            return read();
        } catch (IOException | RuntimeException e) {
            close();
            throw e instanceof IOException io ? io : new IOException(e);
        }
    }

    /** Sends and leaves after {@code ms} without reading; false when the request could not be sent. */
    static boolean abandon(int port, String uri, String key, long ms) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.getOutputStream().write(request("GET", uri, key, ""));
            Thread.sleep(ms);
            socket.setSoLinger(true, 0);
            return true;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    /** Without an authorization when there is no key. */
    private static byte[] request(String method, String uri, String key, String body) {
        return (method + " " + uri + " HTTP/1.1\r\nHost: 127.0.0.1"
                        + (key.isEmpty() ? "" : "\r\nAuthorization: Bearer " + key)
                        + (body.isEmpty() ? "" : "\r\nContent-Type: application/json") + "\r\nContent-Length: "
                        + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    private void connect(int port) throws IOException {
        if (socket != null && connectedTo == port) {
            return;
        }
        close();
        Socket fresh = new Socket();
        fresh.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 2000);
        fresh.setTcpNoDelay(true);
        fresh.setSoTimeout(PATIENCE_MS);
        socket = fresh;
        in = new BufferedInputStream(fresh.getInputStream());
        connectedTo = port;
    }

    private Answer read() throws IOException {
        int status = Integer.parseInt(line().split(" ")[1]);
        int length = 0;
        boolean chunked = false;
        boolean closes = false;
        for (String line = line(); !line.isEmpty(); line = line()) {
            String header = line.toLowerCase(Locale.ROOT);
            length = header.startsWith("content-length:")
                    ? Integer.parseInt(header.substring(15).strip())
                    : length;
            chunked |= header.startsWith("transfer-encoding:") && header.contains("chunked");
            closes |= header.startsWith("connection:") && header.contains("close");
        }
        String body = chunked ? chunks() : text(length);
        if (closes) {
            close();
        }
        return new Answer(status, body);
    }

    private String chunks() throws IOException {
        StringBuilder body = new StringBuilder();
        for (int length = Integer.parseInt(line(), 16); length > 0; length = Integer.parseInt(line(), 16)) {
            body.append(text(length));
            line();
        }
        line();
        return body.toString();
    }

    private String text(int length) throws IOException {
        byte[] bytes = in.readNBytes(length);
        if (bytes.length < length) {
            throw new IOException("closed in a body");
        }
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private String line() throws IOException {
        return PlainHttp.line(in);
    }

    @Override
    public void close() {
        try {
            if (socket != null) {
                socket.close();
            }
        } catch (IOException e) {
            // closed already
        }
        socket = null;
    }
}
