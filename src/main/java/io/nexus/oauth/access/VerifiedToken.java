package io.nexus.oauth.access;

import io.nexus.oauth.access.Policies.Snapshot;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Whose a verified token is, and until when. Remembers what the policies grant, until they change. */
final class VerifiedToken {

    private final String issuer;
    private final String subject;
    private final String name;
    private final List<Grant> claimed;
    private final Instant end;
    private volatile @Nullable Granted granted;

    VerifiedToken(String issuer, String subject, String name, List<Grant> claimed, Instant end) {
        this.issuer = issuer;
        this.subject = subject;
        this.name = name;
        this.claimed = List.copyOf(claimed);
        this.end = end;
    }

    /** When it is over, the leeway included. */
    Instant end() {
        return end;
    }

    /** With what the claims and the policies grant. */
    @SuppressWarnings("ReferenceEquality")
    Principal under(Snapshot policies) {
        Granted known = granted;
        if (known == null || known.by() != policies) {
            List<Grant> grants = new ArrayList<>(claimed);
            grants.addAll(policies.grants(issuer, subject));
            known = new Granted(policies, Principal.of(name, grants));
            granted = known;
        }
        return known.principal();
    }

    private record Granted(Snapshot by, Principal principal) {}
}
