package io.nexus.oauth.connect;

import jakarta.enterprise.context.ApplicationScoped;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;

/**
 * Where a browser may be sent after a connect flow (RFC 9700 section 4.11). Scheme, host, port and path must equal an allowed URL;
 * a query may be added; user information and fragments never pass. Read from the caller when the session is made, never from the
 * browser.
 */
@ApplicationScoped
class ReturnUrls {

    private final List<URI> allowed;

    ReturnUrls(ConnectConfig config) {
        this.allowed = config.returnUrls().orElse(List.of());
        for (URI url : allowed) {
            if (url.getScheme() == null || url.getHost() == null) {
                throw new IllegalStateException("nexus.oauth.connect.return-urls: is not an absolute URL: " + url);
            }
        }
    }

    /** {@code url} when it is allowed; throws {@link ConnectException.ReturnUrlNotAllowed} otherwise. */
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

    /** It becomes a header; what other characters turn into there, nobody has to find out. */
    private static boolean isAscii(String url) {
        return url.chars().allMatch(c -> c < 0x7f);
    }

    private static String lower(String text) {
        return text.toLowerCase(Locale.ROOT);
    }
}
