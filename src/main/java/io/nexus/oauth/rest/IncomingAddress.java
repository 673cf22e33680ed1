package io.nexus.oauth.rest;

import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The address of a request, as it was sent. An address that an ingress and this service could read in two ways is
 * refused before it is routed.
 */
final class IncomingAddress {

    /** The most characters of path and query together: an authorization code of 16 KB and what comes with it. */
    static final int MAX_LENGTH = 24 * 1024;

    private static final String UNRESERVED_AND_RESERVED = "-._~:/?@!$&'()*+,;=";
    private static final HexFormat HEX = HexFormat.of().withUpperCase();
    private static final Set<String> BROWSER_PATHS = Set.of("/connect/", "/callback/", "/ui");
    private static final Set<String> DOT_SEGMENTS = Set.of(".", "..");

    private IncomingAddress() {}

    /** A reason to refuse a request. */
    record Fault(ProblemType type, String detail) {}

    /**
     * {@code uri} with every character escaped that RFC 3986 allows only in escaped form. Browsers send some of them as
     * they are ({@code |}, {@code ^}, a {@code %} alone), and providers put them into callbacks.
     */
    static String escaped(String uri) {
        StringBuilder escaped = null;
        for (int i = 0; i < uri.length(); i++) {
            char c = uri.charAt(i);
            if (c == '%' ? isEscape(uri, i) : isAllowed(c)) {
                if (escaped != null) {
                    escaped.append(c);
                }
                continue;
            }
            if (escaped == null) {
                escaped = new StringBuilder(uri.length() + 16).append(uri, 0, i);
            }
            escaped.append('%').append(HEX.toHexDigits((byte) c)); // the HTTP codec makes a character of each byte
        }
        return escaped == null ? uri : escaped.toString();
    }

    private static boolean isAllowed(char c) {
        return (c >= 'a' && c <= 'z')
                || (c >= 'A' && c <= 'Z')
                || (c >= '0' && c <= '9')
                || UNRESERVED_AND_RESERVED.indexOf(c) >= 0;
    }

    private static boolean isEscape(String uri, int at) {
        return at + 2 < uri.length()
                && Character.digit(uri.charAt(at + 1), 16) >= 0
                && Character.digit(uri.charAt(at + 2), 16) >= 0;
    }

    /** Why the request for {@code uri} is refused; empty when it is not. */
    static Optional<Fault> fault(String uri) {
        if (!escaped(uri).equals(uri)) {
            return invalid("the address contains characters that have to be escaped");
        }
        if (uri.length() > MAX_LENGTH) {
            return Optional.of(new Fault(
                    ProblemType.URI_TOO_LONG,
                    "the address has " + uri.length() + " characters, but at most " + MAX_LENGTH + " are accepted"));
        }
        if (uri.contains("%00")) { // PostgreSQL cannot store it in text
            return invalid("the address must not contain a NUL character");
        }
        String path = path(uri).toLowerCase(Locale.ROOT);
        if (path.contains(";")) {
            return invalid("the path contains a semicolon, but no path has parameters: send %3B for the character");
        }
        if (path.contains("%2f") || path.contains("%5c")) {
            return invalid("the path contains an escaped slash or backslash");
        }
        for (String segment : path.replace("%2e", ".").split("/", -1)) {
            if (DOT_SEGMENTS.contains(segment)) {
                return invalid("the path contains a dot segment: send the path that is meant");
            }
        }
        return Optional.empty();
    }

    private static Optional<Fault> invalid(String detail) {
        return Optional.of(new Fault(ProblemType.INVALID_REQUEST, detail));
    }

    /** Whether people see the answer, so that it is a page. */
    static boolean isForBrowsers(String uri) {
        String path = path(uri);
        return BROWSER_PATHS.stream().anyMatch(path::startsWith);
    }

    private static String path(String uri) {
        int query = uri.indexOf('?');
        return query < 0 ? uri : uri.substring(0, query);
    }
}
