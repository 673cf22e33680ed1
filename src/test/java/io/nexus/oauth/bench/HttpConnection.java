package io.nexus.oauth.bench;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;

/** The least client: it must not be what is measured. */
final class HttpConnection implements AutoCloseable {

    private final Socket socket;
    private final InputStream in;
    private byte[] body = new byte[0];

    HttpConnection(int port) throws IOException {
        this(new Socket("127.0.0.1", port));
    }

    /** Over a connection that may be a TLS one. */
    HttpConnection(Socket connected) throws IOException {
        socket = connected;
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(30_000);
        in = new BufferedInputStream(socket.getInputStream(), 16 * 1024);
    }

    /** A request with all that the service wants. No credential is sent where the connection has one: {@code key} is empty then. */
    static byte[] request(String method, String uri, String key, String type, String body) {
        String credential = key.isEmpty() ? "" : "\r\nAuthorization: Bearer " + key;
        return (method + " " + uri + " HTTP/1.1\r\nHost: 127.0.0.1" + credential + "\r\nContent-Type: " + type
                        + "\r\nContent-Length: " + body.length() + "\r\n\r\n" + body)
                .getBytes(StandardCharsets.US_ASCII);
    }

    /** Sends and gives the status of the answer. */
    int exchange(byte[] request) throws IOException {
        socket.getOutputStream().write(request);
        int status = Integer.parseInt(line().split(" ")[1]);
        int length = 0;
        for (String header = line(); !header.isEmpty(); header = line()) {
            if (header.regionMatches(true, 0, "content-length:", 0, 15)) {
                length = Integer.parseInt(header.substring(15).strip());
            }
        }
        body = in.readNBytes(length);
        return status;
    }

    /** The body of the last answer. */
    String body() {
        return new String(body, StandardCharsets.UTF_8);
    }

    private String line() throws IOException {
        StringBuilder line = new StringBuilder(64);
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("the other side closed the connection");
            }
            if (c != '\r') {
                line.append((char) c);
            }
        }
        return line.toString();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
