package io.nexus.oauth.rig;

/** The kinds of things that the invariants look at. {@link Minimums} says of each how many a run must have. */
enum Subject {
    /** A spent token whose successor did get through: losing it would be the service's fault. */
    INEXCUSABLE(Invariant.I1, "refreshes whose loss nothing would excuse"),
    STORED(Invariant.I2, "stored refresh tokens of living grants"),
    REQUESTS(Invariant.I3, "refresh requests"),
    TOKENS(Invariant.I4, "tokens handed out"),
    MACHINES(Invariant.I4, "tokens of machine connections handed out"),
    /** Their provider ends a token with its successor. */
    FORMER(Invariant.I4, "tokens handed out that a successor ends"),
    ANSWERS(Invariant.I5, "answers about a known grant"),
    REFUSALS(Invariant.I5, "answers 'connect again'"),
    AFTER_REVOCATION(Invariant.I5, "requests for a token after its revocation"),
    STATES(Invariant.I6, "changes of a stored state"),
    CHANGES(Invariant.I7, "changes that the audit trail has to have"),
    DATABASE_FILES(Invariant.I8, "files of the database"),
    WAL_FILES(Invariant.I8, "files of its write-ahead log"),
    LOG_FILES(Invariant.I8, "logs of replicas"),
    METRICS_FILES(Invariant.I8, "metrics of replicas"),
    JOURNAL_FILES(Invariant.I8, "files of journals"),
    SECRETS(Invariant.I8, "secrets that the search finds where they are"),
    REVOKED(Invariant.I9, "revoked grants"),
    /** The provider had issued them when their grant was revoked, and their answer came afterwards. */
    BORN(Invariant.I9, "answers with tokens that a revocation crossed"),
    ENDED_TENANTS(Invariant.I9, "ended tenants"),
    SAMPLES(Invariant.I10, "samples with a session of the service"),
    POOLS(Invariant.I10, "connection pools at the end"),
    RECOVERIES(Invariant.I11, "recoveries"),
    SCHEDULED(Invariant.I11, "credentials with a next refresh"),
    SERVED(Invariant.I12, "answers to callers whose stored token worked"),
    CALLS(Invariant.I13, "refresh requests"),
    RESULTS(Invariant.I13, "stored answers"),
    JOURNALS(Invariant.I13, "journals at the end"),
    DICE(Invariant.I14, "throws of the dice"),
    /** Losing the tokens would be the service's fault. */
    TRADED(Invariant.I15, "codes that were traded for tokens"),
    SESSIONS(Invariant.I15, "connect sessions that ended");

    final Invariant invariant;
    final String what;

    Subject(Invariant invariant, String what) {
        this.invariant = invariant;
        this.what = what;
    }
}
