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

    /** Retries as the schedule does. Returns the number of due entries. */
    public Uni<Integer> retryDue(int most) {
        return revoker.retryDue(most);
    }
}
