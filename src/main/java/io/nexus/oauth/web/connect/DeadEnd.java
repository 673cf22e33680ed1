package io.nexus.oauth.web.connect;

/** Pages that lead nowhere because the request belongs to no session, or nothing can be said about one now. */
enum DeadEnd {
    /** No such link. */
    UNKNOWN_LINK(404),
    /** The link was valid once. */
    EXPIRED_LINK(404),
    /** A link works once. */
    USED_LINK(404),
    /** The person has not come back from the provider. */
    OPEN_LINK(200),
    /** A callback that belongs to no flow of this browser. */
    FOREIGN_ANSWER(400),
    /** The page of a person's connections was open for as long as it may be, or its link is not valid. */
    OVER(404),
    /** The person closed the page of the connections. */
    LEFT(200),
    /** One address opened too many pages. */
    TOO_MANY(429),
    /** The service cannot answer now. */
    UNAVAILABLE(503);

    private final int status;

    DeadEnd(int status) {
        this.status = status;
    }

    /** The HTTP status. */
    int status() {
        return status;
    }
}
