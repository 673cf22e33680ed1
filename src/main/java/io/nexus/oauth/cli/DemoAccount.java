package io.nexus.oauth.cli;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An account of the demonstration, and what the sandbox does to it.
 *
 * @param provider the provider
 * @param user the user, who has the same name at the provider
 * @param fault what goes wrong, in the words of the sandbox's consent page
 * @param faultSeconds how long the fault lasts, or null for the life of the grant
 * @param lifetimeSeconds how long an access token is valid, or null for the sandbox's default
 */
record DemoAccount(
        String provider,
        String user,
        String fault,
        @Nullable Long faultSeconds,
        @Nullable Long lifetimeSeconds) {

    static final String SANDBOX = "sandbox";

    /** It answers every refresh with 503. */
    static final String DOWN = "sandbox-mail";

    /** It rejects every grant for some minutes. */
    static final String REJECTING = "sandbox-files";

    static final List<String> PROVIDERS = List.of(SANDBOX, DOWN, REJECTING);

    static final String DOMAIN = "@demo.example";

    private static final List<String> NAMES =
            List.of("alice", "bob", "chloe", "dan", "emma", "farid", "gina", "hugo", "ines", "jonas", "kofi", "lena");

    private static final Long HOUR = 3_600L;
    private static final Long DAY = 86_400L;

    /** Longer than the first confirmation of a rejection takes. */
    private static final Long INCIDENT = 180L;

    /** The token outlives the incident, so that callers get it all the time. */
    private static final Long LONG = 900L;

    private static final Long SHORT = 10L;

    /** All accounts. */
    static List<DemoAccount> all() {
        Stream<DemoAccount> working = names(0, 6).map(user -> new DemoAccount(SANDBOX, user, "none", null, null));
        Stream<DemoAccount> special = Stream.of(
                new DemoAccount(SANDBOX, user(6), "no_refresh_token", null, DAY),
                new DemoAccount(SANDBOX, user(7), "login_required", null, SHORT),
                new DemoAccount(SANDBOX, user(8), "none", null, null),
                new DemoAccount(SANDBOX, user(9), "slow", null, null));
        Stream<DemoAccount> down = Stream.concat(
                names(0, 4).map(user -> new DemoAccount(DOWN, user, "unavailable", HOUR, LONG)),
                names(4, 6).map(user -> new DemoAccount(DOWN, user, "unavailable", HOUR, SHORT)));
        Stream<DemoAccount> incident =
                names(0, NAMES.size()).map(user -> new DemoAccount(REJECTING, user, "rejected", INCIDENT, LONG));
        return Stream.of(working, special, down, incident).flatMap(each -> each).toList();
    }

    /** Whether the account is one that the demonstration revokes. */
    boolean isToRevoke() {
        return provider.equals(SANDBOX) && user.equals(user(8));
    }

    /** Whether a refresh fails while the token still works. A caller has to ask for it, because none is due. */
    boolean isToRefresh() {
        return LONG.equals(lifetimeSeconds);
    }

    /** The user with an account at each provider. */
    static String userEverywhere() {
        return user(0);
    }

    private static Stream<String> names(int from, int to) {
        return IntStream.range(from, to).mapToObj(DemoAccount::user);
    }

    private static String user(int at) {
        return NAMES.get(at) + DOMAIN;
    }
}
