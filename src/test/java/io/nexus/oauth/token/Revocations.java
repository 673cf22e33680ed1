package io.nexus.oauth.token;

import io.smallrye.mutiny.Uni;
import jakarta.inject.Singleton;

/** Retries pending revocations when a test asks for it. */
@Singleton
public class Revocations {

    private final Revoker revoker;

    Revocations(Revoker revoker) {
        this.revoker = revoker;
    }

    /** As the schedule does; the number of entries that were tried. */
    public Uni<Integer> retryDue(int most) {
        return revoker.retryDue(most);
    }
}
