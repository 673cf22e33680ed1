package io.nexus.oauth.web;

import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Where a browser goes on after a form: to a page of ours and nowhere else. */
final class ReturnPath {

    private static final Pattern PAGE = Pattern.compile("/ui(/[A-Za-z0-9_-]+)*(\\?[A-Za-z0-9_.~%=&+-]*)?");
    private static final Pattern DONE = Pattern.compile("([?&])done=[^&]*&?");
    private static final int LONGEST = 2000;

    private ReturnPath() {}

    /** {@code wish}, if it is a page; {@code otherwise} if not. */
    static String to(@Nullable String wish, String otherwise) {
        boolean page =
                wish != null && wish.length() <= LONGEST && PAGE.matcher(wish).matches();
        return page && wish != null ? wish : otherwise;
    }

    /** The address of the page itself, without what was done last. */
    static String here(HttpServerRequest request) {
        return to(plain(request.uri()), request.path());
    }

    /** The page that {@code request} asks for, without its query; the first one when it asks for none that could be asked for again. */
    static String page(HttpServerRequest request) {
        return request.method().equals(HttpMethod.GET) ? to(request.path(), "/ui") : "/ui";
    }

    /** {@code address} with a code of {@link PageLayouts}. */
    static String with(String address, String code) {
        String plain = plain(address);
        return plain + (plain.contains("?") ? "&" : "?") + "done=" + code;
    }

    private static String plain(String address) {
        String without = DONE.matcher(address).replaceAll("$1");
        return without.endsWith("?") || without.endsWith("&") ? without.substring(0, without.length() - 1) : without;
    }
}
