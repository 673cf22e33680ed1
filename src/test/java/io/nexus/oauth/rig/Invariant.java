package io.nexus.oauth.rig;

/** The promises that hold after each run, whatever went wrong in it. */
enum Invariant {
    I1("a grant is lost only when its answer could reach nobody"),
    I2("the stored refresh token is the provider's current one"),
    I3("a grant has one refresh in flight at most"),
    I4("each token handed out belongs to the account and works at the provider"),
    I5("no 'connect again' for a living grant, no token after a revocation"),
    I6("version, token epoch and lease epoch never go back"),
    I7("the audit trail has one line for each change and no other"),
    I8("no secret is in clear text in database, WAL, logs, metrics, journal"),
    I9("each revoked grant is revoked at the provider, nothing is left to do"),
    I10("sessions are bounded, none idles in a transaction, the pool is whole"),
    I11("nothing is overdue a minute after the last fault"),
    I12("a caller gets the stored token while it works"),
    I13("no request is needless, no connection is used twice, the journal is empty"),
    I14("the same seed gives the same dice"),
    I15("tokens that a code was traded for are stored or revoked, and the connect session ends");

    final String says;

    Invariant(String says) {
        this.says = says;
    }

    Finding finding() {
        return new Finding(name(), says);
    }
}
