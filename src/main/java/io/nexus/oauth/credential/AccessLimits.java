package io.nexus.oauth.credential;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which of a tenant's credentials somebody may touch: what any of its parts covers. Without a part it is nothing.
 *
 * @param parts each covers something by itself
 */
public record AccessLimits(List<Part> parts) {

    /** All of the tenant's. */
    public static final AccessLimits ALL = new AccessLimits(List.of(Part.ALL));

    /** Copies the list. */
    public AccessLimits {
        parts = List.copyOf(parts);
    }

    /** What {@code parts} cover together. */
    public static AccessLimits of(Collection<Part> parts) {
        return parts.contains(Part.ALL) ? ALL : new AccessLimits(List.copyOf(parts));
    }

    /** Whether it is all of the tenant's. */
    public boolean isAll() {
        return parts.contains(Part.ALL);
    }

    /** Whether the credential of {@code account} is covered, whatever its scopes are. */
    public boolean covers(AccountKey account) {
        return isAll() || parts.stream().anyMatch(part -> part.covers(account));
    }

    /** Whether every credential of {@code provider} is covered. */
    public boolean coversEveryUserOf(String provider) {
        return isAll() || parts.stream().anyMatch(part -> part.users() == null && part.coversProvider(provider));
    }

    /** Whether a token of {@code account} with the scopes {@code granted} may be touched. */
    public boolean allows(AccountKey account, Scopes granted) {
        return isAll() || parts.stream().anyMatch(part -> part.covers(account) && part.isAbove(granted));
    }

    /**
     * One limit; null stands for no limit.
     *
     * @param providers only credentials at these providers
     * @param users only credentials of these users, compared exactly
     * @param ceiling only tokens without any scope but these; a token whose scopes are not known is above every ceiling
     */
    public record Part(
            @Nullable Set<String> providers,
            @Nullable Set<String> users,
            @Nullable Scopes ceiling) {

        /** No limit. */
        public static final Part ALL = new Part(null, null, null);

        /** Copies the sets. */
        public Part {
            providers = providers == null ? null : Set.copyOf(providers);
            users = users == null ? null : Set.copyOf(users);
        }

        private boolean covers(AccountKey account) {
            return coversProvider(account.provider()) && (users == null || users.contains(account.user()));
        }

        private boolean coversProvider(String provider) {
            return providers == null || providers.contains(provider);
        }

        private boolean isAbove(Scopes granted) {
            return ceiling == null
                    || (!granted.isEmpty() && ceiling.missing(granted).isEmpty());
        }
    }
}
