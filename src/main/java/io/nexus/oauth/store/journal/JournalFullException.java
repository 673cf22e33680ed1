package io.nexus.oauth.store.journal;

import java.io.IOException;

/** The journal has no room for a record: what fills it is not settled, or the record is too large. The journal itself works. */
final class JournalFullException extends IOException {

    JournalFullException() {
        super("no room in the journal");
    }
}
