package io.nexus.oauth.provider.egress;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The URLs that the service may use: https, or http to this machine when the operator allows it. Does not resolve
 * names.
 */
public record UrlRule(boolean allowInsecureHttp) {

    private static final Pattern LOOPBACK = Pattern.compile("localhost|127(\\.\\d{1,3}){3}|\\[::1]");

    /** The most characters of a URL. */
    private static final int MAX_LENGTH = 2_048;

    /** The fault of {@code url}; empty when it is acceptable. */
    public Optional<String> fault(String url) {
        if (url.length() > MAX_LENGTH) {
            return Optional.of("is longer than " + MAX_LENGTH + " characters");
        }
        try {
            return fault(new URI(url));
        } catch (URISyntaxException e) {
            return Optional.of("is not a URL");
        }
    }

    private Optional<String> fault(URI url) {
        if (url.getHost() == null) {
            return Optional.of("is not an absolute URL with a host");
        }
        if (url.getRawUserInfo() != null || url.getRawFragment() != null) {
            return Optional.of("must have neither user information nor a fragment");
        }
        if (url.getPort() == 0 || url.getPort() > 65_535) {
            return Optional.of("has no such port");
        }
        return isSafe(url) ? Optional.empty() : Optional.of("must be https");
    }

    private boolean isSafe(URI url) {
        String scheme = String.valueOf(url.getScheme()).toLowerCase(Locale.ROOT);
        return scheme.equals("https") || (allowInsecureHttp && scheme.equals("http") && isLoopback(url.getHost()));
    }

    private static boolean isLoopback(String host) {
        return LOOPBACK.matcher(host).matches();
    }
}
