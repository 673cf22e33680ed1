package io.nexus.oauth.access.issuer;

import io.nexus.oauth.access.caller.AccessConfig;
import io.nexus.oauth.access.caller.IssuerConfig;
import io.nexus.oauth.provider.egress.ForwardProxy;
import io.vertx.core.Vertx;
import java.time.Clock;

/** Parts of this room, made for tests of other rooms. */
public final class Issuers {

    private Issuers() {}

    /** The tokens of the issuers that {@code config} names. Nobody asks for policies. */
    @SuppressWarnings("NullAway")
    public static CallerTokens tokens(AccessConfig config, Vertx vertx, Clock clock) {
        return new CallerTokens(new TrustedIssuers(config, false, vertx, ForwardProxy.NONE, clock), null, clock);
    }

    /** As {@link ClaimMapping#terms()}. */
    public static String terms(IssuerConfig issuer) {
        return new ClaimMapping(issuer).terms();
    }
}
