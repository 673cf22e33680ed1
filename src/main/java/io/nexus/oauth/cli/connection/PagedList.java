package io.nexus.oauth.cli.connection;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NoSuchElementException;
import org.jspecify.annotations.Nullable;

/** The items of an API list. Fetches each page when it is needed; {@code hasNext} blocks meanwhile. */
public final class PagedList implements Iterator<JsonNode> {

    private final ApiClient api;
    private final String path;
    private final Map<String, String> query;
    private long left;
    private @Nullable String cursor;
    private boolean ended;
    private Iterator<JsonNode> page = Collections.emptyIterator();

    /** The first {@code maxItems} items of the list at {@code path}. */
    public PagedList(ApiClient api, String path, Map<String, String> query, long maxItems) {
        this.api = api;
        this.path = path;
        this.query = query;
        this.left = maxItems;
    }

    @Override
    public boolean hasNext() {
        while (left > 0 && !page.hasNext() && !ended) {
            Map<String, String> all = new LinkedHashMap<>(query);
            all.put("limit", String.valueOf(Math.min(200, left)));
            if (cursor != null) {
                all.put("cursor", cursor);
            }
            JsonNode answer = api.get(path, all);
            page = answer.path("items").iterator();
            cursor = answer.path("next").asText(null);
            ended = cursor == null;
        }
        return left > 0 && page.hasNext();
    }

    @Override
    public JsonNode next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        left--;
        return page.next();
    }
}
