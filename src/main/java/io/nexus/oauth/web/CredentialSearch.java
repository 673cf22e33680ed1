package io.nexus.oauth.web;

import io.vertx.core.http.HttpServerRequest;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * The filter of the credential list. Parameters that are not used are null.
 *
 * @param provider the provider
 * @param user the user
 * @param state the state
 * @param status the stored status, for old links
 * @param cursor the cursor of the page
 */
public record CredentialSearch(
        @Nullable String provider,
        @Nullable String user,
        @Nullable String state,
        @Nullable String status,
        @Nullable String cursor) {

    static CredentialSearch of(HttpServerRequest request) {
        return new CredentialSearch(
                given(request, "provider"),
                given(request, "user"),
                given(request, "state"),
                given(request, "status"),
                given(request, "cursor"));
    }

    /** Whether a filter is used. */
    public boolean isNarrow() {
        return provider != null || user != null || state != null || status != null;
    }

    /** The address of the first page. */
    public String first(PageLayout layout) {
        return page(layout, "");
    }

    /** The address of the next page, or null. */
    @Nullable String next(PageLayout layout, @Nullable String cursor) {
        return cursor == null ? null : page(layout, cursor);
    }

    private String page(PageLayout layout, String cursor) {
        StringBuilder query = new StringBuilder("/ui/credentials?cursor=").append(encoded(cursor));
        add(query, "provider", provider);
        add(query, "user", user);
        add(query, "state", state);
        add(query, "status", status);
        return layout.to(query.toString());
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
