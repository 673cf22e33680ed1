package io.nexus.oauth.web;

import io.vertx.core.http.HttpServerRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * What a list of credentials is narrowed to; null where it is not.
 *
 * @param provider at which provider
 * @param user whose
 * @param status in which status
 * @param cursor after which one
 */
public record CredentialSearch(
        @Nullable String provider,
        @Nullable String user,
        @Nullable String status,
        @Nullable String cursor) {

    static CredentialSearch of(HttpServerRequest request) {
        return new CredentialSearch(
                given(request, "provider"), given(request, "user"), given(request, "status"), given(request, "cursor"));
    }

    /** Whether it is narrowed at all. */
    public boolean isNarrow() {
        return provider != null || user != null || status != null;
    }

    /** The address of the first page. */
    public String first(PageLayout frame) {
        return page(frame, "");
    }

    /** The address of the page that follows, or null. */
    @Nullable String next(PageLayout frame, @Nullable String cursor) {
        return cursor == null ? null : page(frame, cursor);
    }

    private String page(PageLayout frame, String cursor) {
        StringBuilder query = new StringBuilder("/ui/credentials?cursor=").append(encoded(cursor));
        add(query, "provider", provider);
        add(query, "user", user);
        add(query, "status", status);
        return frame.to(query.toString());
    }

    private static void add(StringBuilder query, String name, @Nullable String value) {
        if (value != null) {
            query.append('&').append(name).append('=').append(encoded(value));
        }
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }

    private static @Nullable String given(HttpServerRequest request, String name) {
        String value = request.getParam(name);
        return value == null || value.isBlank() ? null : value.strip();
    }
}
