package io.nexus.oauth.web;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Validates the page to which a browser returns after a form. Only pages of this service are allowed. */
final class ReturnPath {

    private static final Pattern PAGE =
            Pattern.compile("/ui(/[A-Za-z0-9_-][A-Za-z0-9_.-]*)*(\\?[A-Za-z0-9_.~%=&+-]*)?");
    private static final Pattern DONE = Pattern.compile("([?&])done=[^&]*&?");
    private static final int MAX_LENGTH = 2000;

    private ReturnPath() {}

    /** {@code requested} if it is the path of a page, otherwise {@code otherwise}. */
    static String to(@Nullable String requested, String otherwise) {
        boolean page = requested != null
                && requested.length() <= MAX_LENGTH
                && PAGE.matcher(requested).matches();
        return page && requested != null ? requested : otherwise;
    }

    /** The path of the page itself, without the code of a notice. */
    static String here(HttpServerRequest request) {
        return to(plain(request.uri()), request.path());
    }

    /** The page of {@code request} without its query, or the overview page when the request is not a GET of a page. */
    static String page(HttpServerRequest request) {
        return request.method().equals(HttpMethod.GET) ? to(request.path(), "/ui") : "/ui";
    }

    /** {@code address} with the code of a notice of {@link PageLayouts}. */
    static String with(String address, String code) {
        String plain = plain(address);
        return plain + (plain.contains("?") ? "&" : "?") + "done=" + code;
    }

    /** {@code text} as it stands in a query or in a part of a path. */
    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static String plain(String address) {
        String without = DONE.matcher(address).replaceAll("$1");
        return without.endsWith("?") || without.endsWith("&") ? without.substring(0, without.length() - 1) : without;
    }
}
