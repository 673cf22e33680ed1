package io.nexus.oauth.rig;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A person's browser while an account is connected: follows the link, consents at the provider, comes back. It keeps the cookie. */
final class RigBrowser {

    private static final int PATIENCE_MS = 60_000;
    private static final Pattern COOKIE = Pattern.compile("(?i)\r\nset-cookie: ([^;\r\n]+)");
    private static final Pattern LOCATION = Pattern.compile("(?i)\r\nlocation: ([^\r\n]+)");

    private String cookie = "";

    /** A page, or an answer that leads to another one. */
    record Page(int status, String text) {

        /** Where it leads; an empty text when it leads nowhere. */
        String location() {
            Matcher found = LOCATION.matcher(text);
            return found.find() ? found.group(1) : "";
        }
    }

    /** Opens the one-time {@code link} at the replica at {@code port} and consents; the path of the callback, with its query. */
    String consent(int port, String link, Account account) throws IOException {
        Page start = get(port, URI.create(link).getPath() + "/start");
        URI authorize = URI.create(start.location());
        if (start.status() != 303 || authorize.getPort() < 0) {
            throw new IOException("the link leads nowhere: " + start.status());
        }
        Page consented = get(
                authorize.getPort(),
                authorize.getRawPath() + "?" + authorize.getRawQuery() + "&tenant=" + account.tenant + "&user="
                        + URLEncoder.encode(account.user, StandardCharsets.UTF_8));
        URI back = URI.create(consented.location());
        return back.getRawPath() + "?" + back.getRawQuery();
    }

    Page get(int port, String target) throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(PATIENCE_MS);
            socket.getOutputStream()
                    .write(("GET " + target + " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close"
                                    + (cookie.isEmpty() ? "" : "\r\nCookie: " + cookie) + "\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            String text = new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!text.startsWith("HTTP/1.1 ")) {
                throw new IOException("closed without an answer");
            }
            Matcher found = COOKIE.matcher(text);
            cookie = found.find() ? found.group(1) : cookie;
            return new Page(Integer.parseInt(text.substring(9, 12)), text);
        }
    }
}
