package io.nexus.oauth.cli.terminal;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Iterator;
import java.util.NoSuchElementException;

/** The first items of a list. Blocks as the list does. */
public final class FirstItems implements Iterator<JsonNode> {

    private final Iterator<JsonNode> all;
    private long left;

    public FirstItems(Iterator<JsonNode> all, long most) {
        this.all = all;
        this.left = most;
    }

    @Override
    public boolean hasNext() {
        return left > 0 && all.hasNext();
    }

    @Override
    public JsonNode next() {
        if (left <= 0) {
            throw new NoSuchElementException();
        }
        JsonNode next = all.next();
        left--;
        return next;
    }

    /** Whether there were as many items as there may be, so that the list may have more. */
    boolean isFull() {
        return left <= 0;
    }
}
