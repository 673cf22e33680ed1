package io.nexus.oauth.token;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.DailyUsage;
import io.nexus.oauth.store.UsageStore;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.LocalDate;
import java.util.List;
import java.util.Optional;

/** Reads how often callers got a credential's token. The last ten seconds may not be counted yet. */
@ApplicationScoped
public class UsageHistory {

    private final UsageStore store;

    UsageHistory(UsageStore store) {
        this.store = store;
    }

    /**
     * Up to {@code limit} days on which callers got the credential's token, the newest first; only days before {@code before}
     * if that is given. Non-blocking; fails with {@link io.nexus.oauth.credential.StorageException}.
     */
    public Uni<List<DailyUsage>> days(CredentialKey key, Optional<LocalDate> before, int limit) {
        return store.days(key, before, limit);
    }
}
