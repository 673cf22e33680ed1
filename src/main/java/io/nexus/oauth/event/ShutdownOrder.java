package io.nexus.oauth.event;

/**
 * The steps in which the process ends. Before them readiness drops, and {@code quarkus.shutdown.delay} passes. The values are for
 * {@code @Priority} on observers of the shutdown event. The smaller one runs first, and
 * each step ends before the next begins. An annotation takes a constant and no enum.
 */
public final class ShutdownOrder {

    /** New requests get 503. Requests under way get their response. */
    public static final int REFUSE_REQUESTS = 0;

    /** Refreshes and other shielded work run to their end. The response of a provider may be the only copy of a grant. */
    public static final int FINISH_SHIELDED_WORK = 1;

    /** This replica tells the others that it no longer holds its keys. */
    public static final int WITHDRAW_KEYS = 2000;

    /** The last lines of the audit trail are written, timers and the change feed stop. */
    public static final int STOP_BACKGROUND_WORK = 2500;

    /** The pools close: no statement is possible any more. */
    public static final int CLOSE_POOLS = 3000;

    /** The journal closes last: it keeps what the database did not take. */
    public static final int CLOSE_JOURNAL = 4000;

    private ShutdownOrder() {}
}
