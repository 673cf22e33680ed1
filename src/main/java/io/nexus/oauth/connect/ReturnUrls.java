package io.nexus.oauth.connect;

import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;

/**
 * Checks the URL to which a browser returns after a connect flow (RFC 9700 section 4.11). Scheme, host, port and path must
 * equal an allowed URL. A query may be added; user information and fragments are refused. The caller gives the URL when it
 * creates the session; the browser cannot set it. The same holds for the origin to which a result page in a pop-up window reports.
 */
@ApplicationScoped
class ReturnUrls {

    private final List<URI> allowed;
    private final List<String> origins;

    ReturnUrls(ConnectConfig config) {
        this.allowed = config.returnUrls().orElse(List.of());
        this.origins = config.origins().orElse(List.of());
        for (URI url : allowed) {
            if (url.getScheme() == null || url.getHost() == null) {
                throw new IllegalStateException("nexus.oauth.connect.return-urls must hold absolute URLs: " + url);
            }
        }
    }

    /** Returns {@code url} if it is allowed; throws {@link ConnectException.ReturnUrlNotAllowed} otherwise. */
    String check(String url) {
        URI candidate;
        try {
            candidate = new URI(url);
        } catch (URISyntaxException e) {
            throw new ConnectException.ReturnUrlNotAllowed();
        }
        if (allowed.stream().noneMatch(target -> isSame(target, candidate))) {
            throw new ConnectException.ReturnUrlNotAllowed();
        }
        return candidate.toString();
    }

    /** Returns {@code origin} if it is allowed; throws {@link ConnectException.OriginNotAllowed} otherwise. */
    String checkOrigin(String origin) {
        if (!origins.contains(origin)) {
            throw new ConnectException.OriginNotAllowed();
        }
        return origin;
    }

    private static boolean isSame(URI target, URI candidate) {
        return isAscii(candidate.toString())
                && candidate.getScheme() != null
                && candidate.getHost() != null
                && candidate.getRawUserInfo() == null
                && candidate.getRawFragment() == null
                && lower(candidate.getScheme()).equals(lower(target.getScheme()))
                && lower(candidate.getRawAuthority()).equals(lower(target.getRawAuthority()))
                && candidate.getRawPath().equals(target.getRawPath());
    }

    /** The URL becomes a header value, so characters outside ASCII are refused. */
    private static boolean isAscii(String url) {
        return url.chars().allMatch(c -> c < 0x7f);
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
