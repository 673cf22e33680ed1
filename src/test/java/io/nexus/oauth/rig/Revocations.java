package io.nexus.oauth.rig;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which credential was revoked from when to when, and which tenant was ended, by the log of those who did it. */
final class Revocations {

    private static final long SECOND = 1_000_000;
    private static final long NEVER = Long.MAX_VALUE / 2;

    /** So long another replica may hold the key of a tenant that was ended. */
    private static final long FORGETTING = 11 * SECOND;

    /** From the first request to revoke a credential until its account is connected again. */
    private static final class Span {
        final long asked;
        long answered = NEVER;
        long reconnecting = NEVER;
        long reconnected = NEVER;

        Span(long asked) {
            this.asked = asked;
        }
    }

    /**
     * The end of a tenant.
     *
     * @param asked when the first request to end it was sent
     * @param answered when the service said that it is ended
     * @param forced whether its grants were not revoked at their providers first
     */
    record End(long asked, long answered, boolean forced) {}

    private final Map<String, List<Span>> spans = new HashMap<>();
    private final Map<String, Long> revokedAt = new HashMap<>();
    private final Map<String, End> ends = new HashMap<>();

    Revocations(List<Journal.Line> driver) {
        for (Journal.Line line : driver) {
            String credential = line.text("c");
            switch (line.event()) {
                case "revoked" -> {
                    Span span = open(credential, line.number("sent"));
                    span.answered = Math.min(span.answered, line.t());
                    revokedAt.putIfAbsent(line.text("g"), line.t());
                }
                case "unrevoked" -> open(credential, line.number("sent"));
                case "connecting" -> {
                    if (isOpen(credential)) {
                        Span span = spans.get(credential).getLast();
                        span.reconnecting = Math.min(span.reconnecting, line.t());
                    }
                }
                case "connected" -> {
                    if (isOpen(credential)) {
                        spans.get(credential).getLast().reconnected = line.t();
                    }
                }
                case "ended_tenant" ->
                    ends.putIfAbsent(
                            line.text("tenant"), new End(line.number("sent"), line.t(), line.is("forced", "true")));
                default -> {}
            }
        }
    }

    private boolean isOpen(String credential) {
        return spans.containsKey(credential) && spans.get(credential).getLast().reconnected == NEVER;
    }

    private Span open(String credential, long asked) {
        if (!isOpen(credential)) {
            spans.computeIfAbsent(credential, id -> new ArrayList<>()).add(new Span(asked));
        }
        return spans.get(credential).getLast();
    }

    /** When the service said that the grant is revoked; never when it did not. */
    long revokedAt(String grant) {
        return revokedAt.getOrDefault(grant, NEVER);
    }

    /** Whether {@code answer} may say that its credential is revoked: somebody had asked for that, and it was not connected again. */
    boolean mayBeRevoked(Journal.Line answer) {
        return spans.getOrDefault(answer.text("c"), List.of()).stream()
                .anyMatch(span -> span.asked <= answer.t() && span.reconnected + SECOND >= answer.number("sent"));
    }

    /** Whether the caller of {@code answer} asked for a token that was revoked more than a second before. */
    boolean isRevoked(Journal.Line answer) {
        long sent = answer.number("sent");
        return spans.getOrDefault(answer.text("c"), List.of()).stream()
                .anyMatch(span -> span.answered + SECOND < sent && sent < span.reconnecting);
    }

    /** Whether somebody had asked to end {@code tenant} at {@code t}. */
    boolean mayBeEnded(String tenant, long t) {
        return ends.containsKey(tenant) && ends.get(tenant).asked() <= t;
    }

    /** Whether no replica has a key of {@code tenant} any more at {@code t}. */
    boolean isEnded(String tenant, long t) {
        return ends.containsKey(tenant) && ends.get(tenant).answered() + FORGETTING < t;
    }

    /** Whether the grants of {@code tenant} were given up without asking their providers. */
    boolean isForced(String tenant) {
        return ends.containsKey(tenant) && ends.get(tenant).forced();
    }

    /** The ended tenants. */
    Map<String, End> ends() {
        return ends;
    }
}
