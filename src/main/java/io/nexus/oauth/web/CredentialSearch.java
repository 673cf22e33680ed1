package io.nexus.oauth.web;

import io.nexus.oauth.api.OverviewView;
import io.nexus.oauth.rest.CredentialQuery;
import io.vertx.core.http.HttpServerRequest;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The filter of the credential list. Parameters that are not used are null.
 *
 * @param provider the provider
 * @param user the beginning of the user
 * @param state the state
 * @param status the stored status, for old links
 * @param sort the order: {@code newest} (the default), {@code oldest} or {@code user}. A search for a user is in the order of users
 * @param cursor the cursor of the page
 */
public record CredentialSearch(
        @Nullable String provider,
        @Nullable String user,
        @Nullable String state,
        @Nullable String status,
        @Nullable String sort,
        @Nullable String cursor) {

    static CredentialSearch of(HttpServerRequest request) {
        return new CredentialSearch(
                given(request, "provider"),
                given(request, "user"),
                given(request, "state"),
                given(request, "status"),
                given(request, "sort"),
                given(request, "cursor"));
    }

    /** Whether a filter is used. */
    public boolean isNarrow() {
        return provider != null || user != null || state != null || status != null;
    }

    /** Whether the list is in the order {@code other}. */
    public boolean isSortedBy(String other) {
        return other.equals(user != null ? "user" : Objects.requireNonNullElse(sort, "newest"));
    }

    CredentialQuery query(String pageSize) {
        CredentialQuery query = new CredentialQuery();
        query.provider = provider;
        query.userPrefix = user;
        query.state = state;
        query.status = status;
        query.order =
                Stream.of("oldest", "user").filter(this::isSortedBy).findFirst().orElse("newest");
        query.limit = pageSize;
        query.cursor = cursor;
        return query;
    }

    /** The states to choose from, with their counts when these are known. */
    List<Tab> tabs(PageLayout layout, Optional<OverviewView> overview) {
        Optional<Map<String, Long>> counts = user != null
                ? Optional.empty()
                : overview.map(found -> counts(found).states());
        List<Tab> tabs = new ArrayList<>();
        tabs.add(tab(
                layout,
                null,
                "All",
                counts.map(
                        all -> all.values().stream().mapToLong(Long::longValue).sum())));
        for (String each : List.of("valid", "expiring", "expired", "reconnect_required", "revoked")) {
            String words = each.replace('_', ' ');
            tabs.add(tab(
                    layout,
                    each,
                    words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1),
                    counts.map(all -> all.getOrDefault(each, 0L))));
        }
        return tabs;
    }

    private OverviewView.Counts counts(OverviewView overview) {
        return provider == null
                ? overview.total()
                : overview.providers().stream()
                        .filter(each -> provider.equals(each.provider()))
                        .findFirst()
                        .orElseGet(() -> new OverviewView.Counts(provider, 0, 0, 0, 0, 0, 0, Map.of(), 0, null, null));
    }

    private Tab tab(PageLayout layout, @Nullable String other, String words, Optional<Long> count) {
        CredentialSearch there = new CredentialSearch(provider, user, other, null, sort, null);
        return new Tab(
                words,
                there.page(layout, ""),
                status == null && Objects.equals(state, other),
                count.map(String::valueOf).orElse(""));
    }

    /** A state to choose: its name, its list, whether that is shown, and the number of its credentials or an empty text. */
    public record Tab(String words, String address, boolean isShown, String count) {}

    /** The address of the first page. */
    public String first(PageLayout layout) {
        return page(layout, "");
    }

    /** The address of the next page, or null. */
    @Nullable String next(PageLayout layout, @Nullable String cursor) {
        return cursor == null ? null : page(layout, cursor);
    }

    private String page(PageLayout layout, String cursor) {
        StringBuilder query = new StringBuilder("/ui/credentials?");
        add(query, "cursor", cursor.isEmpty() ? null : cursor);
        add(query, "provider", provider);
        add(query, "user", user);
        add(query, "sort", sort);
        add(query, "status", status);
        add(query, "state", state);
        return layout.to(query.toString());
    }

    private static void add(StringBuilder query, String name, @Nullable String value) {
        if (value != null) {
            query.append(query.charAt(query.length() - 1) == '?' ? "" : "&")
                    .append(name)
                    .append('=')
                    .append(ReturnPath.encoded(value));
        }
    }

    private static @Nullable String given(HttpServerRequest request, String name) {
        String value = request.getParam(name);
        return value == null || value.isBlank() ? null : value.strip();
    }
}
