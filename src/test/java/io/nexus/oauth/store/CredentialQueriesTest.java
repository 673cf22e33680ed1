package io.nexus.oauth.store;

import static io.nexus.oauth.credential.CredentialState.EXPIRED;
import static io.nexus.oauth.credential.CredentialState.EXPIRING;
import static io.nexus.oauth.credential.CredentialState.RECONNECT_REQUIRED;
import static io.nexus.oauth.credential.CredentialState.REVOKED;
import static io.nexus.oauth.credential.CredentialState.VALID;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialFilter;
import io.nexus.oauth.credential.CredentialFilter.Position;
import io.nexus.oauth.credential.CredentialState;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.NewCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.SealedGrant;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.execution.ColumnTexts;
import io.nexus.oauth.testing.TestDatabase;
import io.quarkus.test.junit.QuarkusTest;
import io.quarkus.vertx.VertxContextSupport;
import io.smallrye.mutiny.Uni;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists, page by page. a list without a tenant cannot be asked for. */
@QuarkusTest
class CredentialQueriesTest {

    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MICROS);
    private static final TenantId ACME = new TenantId("acme");
    private static final String INSERT =
            "INSERT INTO oauth_credentials (credential_id, tenant_id, provider, user_email, status, "
                    + "encrypted_access_token, encrypted_refresh_token, expires_at, refresh_expires_at, refresh_end_since, issued_at) ";

    @Inject
    CredentialQueries queries;

    @Inject
    OverviewQueries overview;

    @Inject
    CredentialStore credentials;

    @Inject
    AgroalDataSource dataSource;

    private TestDatabase database;

    @BeforeEach
    void startEmpty() {
        database = new TestDatabase(dataSource);
        database.clear();
    }

    @Test
    void showsEachExactlyOnceWhileOthersComeAndGo() {
        List<UUID> present = new ArrayList<>();
        for (int i = 0; i < 20; i++) {
            present.add(saved("steady").key().id());
        }
        List<UUID> shown = new ArrayList<>();
        Position after = null;
        List<StoredCredential> page;
        do {
            page = page(new CredentialFilter(null, null, null, after), 3);
            page.forEach(each -> shown.add(each.key().id()));
            if (!page.isEmpty()) {
                StoredCredential last = page.getLast();
                after = new Position(last.createdAt(), last.key().id());
            }
            if (shown.size() < 12) {
                saved("steady"); // comes while the list is read
                database.run("DELETE FROM oauth_credentials WHERE credential_id = '" + shown.getFirst() + "'");
            }
        } while (!page.isEmpty());

        assertThat(shown).doesNotHaveDuplicates().containsAll(present);
    }

    /** Rows of one instant are told apart by their ids. */
    @Test
    void pagesThroughRowsOfOneInstant() {
        for (int i = 0; i < 7; i++) {
            saved("steady");
        }
        database.run("UPDATE oauth_credentials SET created_at = '2026-01-01T00:00:00.123456Z'");
        List<UUID> shown = new ArrayList<>();
        Position after = null;
        for (int i = 0; i < 4; i++) {
            for (StoredCredential each : page(new CredentialFilter(null, null, null, after), 2)) {
                shown.add(each.key().id());
                after = new Position(each.createdAt(), each.key().id());
            }
        }

        assertThat(shown).hasSize(7).doesNotHaveDuplicates();
    }

    /** The order is that of the bytes, so that a beginning is a range: capital letters and other alphabets stay apart. */
    @Test
    void listsByTheBeginningOfTheUserInEachOrder() {
        List<String> users = List.of("anna", "Anna", "annex", "ann", "anm", "ann\uD83D\uDE00", "bert", "an%", "a_n");
        users.forEach(user -> {
            UUID id = saved("steady").key().id();
            database.run("UPDATE oauth_credentials SET user_email = '" + user + "' WHERE credential_id = '" + id + "'");
        });

        assertThat(users(null, CredentialFilter.Order.NEWEST)).containsExactlyElementsOf(users.reversed());
        assertThat(users(null, CredentialFilter.Order.OLDEST)).containsExactlyElementsOf(users);
        assertThat(users(null, CredentialFilter.Order.USER))
                .containsExactly("Anna", "a_n", "an%", "anm", "ann", "anna", "annex", "ann\uD83D\uDE00", "bert");
        assertThat(users("ann", CredentialFilter.Order.USER))
                .containsExactly("ann", "anna", "annex", "ann\uD83D\uDE00");
        assertThat(users("an%", CredentialFilter.Order.USER)).containsExactly("an%");
        assertThat(users("nn", CredentialFilter.Order.USER)).isEmpty();
    }

    /** A search reads what it finds, however many there are. */
    @Test
    void theBeginningOfAUserIsARangeOfTheIndex() {
        database.run(
                "INSERT INTO oauth_credentials (credential_id, tenant_id, provider, user_email, encrypted_access_token, issued_at)"
                        + " SELECT gen_random_uuid(), 'acme', 'steady', md5(n::text), 'x', now() FROM generate_series(1, 20000) n");
        database.run("ANALYZE oauth_credentials");

        String plan = String.join(
                "\n",
                database.all(
                        "EXPLAIN SELECT * FROM oauth_credentials c WHERE c.tenant_id = 'acme' AND c.user_email COLLATE \"C\" >= 'abcd'"
                                + " AND c.user_email COLLATE \"C\" < 'abcd\uDBFF\uDFFF'"
                                + " ORDER BY c.user_email COLLATE \"C\", c.credential_id LIMIT 26"));

        assertThat(plan).contains("idx_oauth_credentials_user").doesNotContain("Seq Scan", "Sort");
    }

    /** All pages of two rows. */
    private List<String> users(@Nullable String prefix, CredentialFilter.Order order) {
        List<String> shown = new ArrayList<>();
        CredentialFilter next = new CredentialFilter(null, null, null, null, AccessLimits.ALL, null, prefix, order);
        List<StoredCredential> found;
        do {
            found = page(next, 2);
            found.forEach(each -> shown.add(each.account().user()));
            next = found.isEmpty() ? next : next.after(found.getLast());
        } while (!found.isEmpty());
        return shown;
    }

    @Test
    void filtersByProviderUserAndStatus() {
        StoredCredential one = saved("steady");
        StoredCredential two = saved("strict");
        StoredCredential revoked = saved("strict");
        credentials.revoke(revoked.key(), "bob").await().atMost(Duration.ofSeconds(20));

        assertThat(keys(new CredentialFilter("strict", null, null, null))).containsExactly(two.key(), revoked.key());
        assertThat(keys(new CredentialFilter(null, one.account().user(), null, null)))
                .containsExactly(one.key());
        assertThat(keys(new CredentialFilter(null, null, CredentialStatus.REVOKED, null)))
                .containsExactly(revoked.key());
        assertThat(keys(new CredentialFilter("steady", one.account().user(), CredentialStatus.ACTIVE, null)))
                .containsExactly(one.key());
        assertThat(keys(new CredentialFilter("steady", null, CredentialStatus.REVOKED, null)))
                .isEmpty();
    }

    /** Every combination of the values around the borders of the states, then rows of chance. */
    @Test
    void theFilterOfEachStateFindsTheRowsInIt() {
        String ends =
                "(VALUES (NULL::text), ('-400 h'), ('-1 us'), ('0'), ('1 us'), ('100 h'), ('168 h'), ('168 h 1 us'), ('900 h')) ";
        database.run(INSERT + "SELECT gen_random_uuid(), 'acme', 'steady', gen_random_uuid()::text, s, 'k.a', r, "
                + at("e") + ", " + at("f") + ", " + at("g") + ", '" + NOW + "' FROM "
                + "(VALUES ('active'), ('reauth_required'), ('revoked')) AS a (s), (VALUES (NULL), ('k.r')) AS b (r), "
                + ends + "AS c (e), " + ends + "AS d (f), "
                + "(VALUES (NULL), ('-1 h'), ('-68 h'), ('-68 h -1 us'), ('-900 h')) AS x (g)");
        database.run(INSERT + "SELECT gen_random_uuid(), 'acme', 'steady', gen_random_uuid()::text, "
                + "CASE WHEN random() < 0.9 THEN 'active' ELSE 'revoked' END, 'k.a', CASE WHEN random() < 0.7 THEN 'k.r' END, "
                + chance(600) + ", CASE WHEN random() < 0.7 THEN " + chance(600) + " END, " + chance(0) + ", '" + NOW
                + "' FROM generate_series(1, 2000)");
        // machine connections
        database.run(
                "UPDATE oauth_credentials SET token_request = '{}' WHERE encrypted_refresh_token IS NULL AND random() < 0.5");
        List<StoredCredential> all = page(CredentialFilter.ALL, 10_000);
        Map<CredentialState, Long> counted = counts();

        for (CredentialState state : CredentialState.values()) {
            Set<UUID> expected = all.stream()
                    .filter(each -> each.state(NOW) == state)
                    .map(each -> each.key().id())
                    .collect(Collectors.toSet());
            assertThat(expected).as(state.value()).hasSizeGreaterThan(50);
            assertThat(counted).containsEntry(state, (long) expected.size());
            assertThat(page(in(state), 10_000))
                    .extracting(each -> each.key().id())
                    .doesNotHaveDuplicates()
                    .hasSameElementsAs(expected);
        }
    }

    /** The others come first in the list, so a filter that only walks the list would read all of them. */
    @Test
    void theFilterOfARareStateReadsFewRows() {
        database.run(INSERT.replace("issued_at", "issued_at, created_at")
                + "SELECT gen_random_uuid(), 'acme', 'steady', i::text, 'active', repeat('a', 400), repeat('r', 400), "
                + at("'2 h'") + ", " + at("'60 days'") + ", " + at("'-30 days'") + ", '" + NOW + "', "
                + at("i * interval '-1 s'") + " FROM generate_series(1, 20000) AS i");
        rare(1, "expires_at = " + at("'1 h'") + ", encrypted_refresh_token = NULL");
        rare(2, "expires_at = " + at("'-1 h'"));
        rare(3, "expires_at = " + at("'-1 h'") + ", encrypted_refresh_token = NULL");
        rare(4, "status = 'reauth_required'");
        rare(5, "status = 'revoked'");
        database.run("VACUUM ANALYZE oauth_credentials");
        for (CredentialState state : List.of(EXPIRING, EXPIRED, RECONNECT_REQUIRED, REVOKED)) {
            assertThat(pagesRead(state)).as(state.value()).isLessThan(700);
        }
        database.run(
                "UPDATE oauth_credentials SET expires_at = " + at("'-1 h'") + " WHERE expires_at = " + at("'2 h'"));
        rare(6, "expires_at = " + at("'3 h'"));
        database.run("VACUUM ANALYZE oauth_credentials");
        assertThat(pagesRead(VALID)).isLessThan(700);
    }

    private void rare(int number, String assignments) {
        database.run("UPDATE oauth_credentials SET " + assignments + " WHERE user_email::int BETWEEN " + number * 20
                + " AND " + (number * 20 + 19));
    }

    /** The pages of 8 KiB that the database reads for the first page of the list; all rows are in about 2,500. */
    private long pagesRead(CredentialState state) {
        String plan = String.join(
                "\n",
                database.all(
                        "EXPLAIN (ANALYZE, BUFFERS) SELECT * FROM oauth_credentials c WHERE c.tenant_id = 'acme' AND "
                                + StateSql.of(state, at("'0'")) + " ORDER BY c.created_at, c.credential_id LIMIT 51"));
        Matcher buffers = Pattern.compile("Buffers: shared(?: hit=(\\d+))?(?: read=(\\d+))?")
                .matcher(plan);
        assertThat(buffers.find()).as(plan).isTrue();
        return Stream.of(buffers.group(1), buffers.group(2))
                .filter(Objects::nonNull)
                .mapToLong(Long::parseLong)
                .sum();
    }

    @Test
    void listsShowWhatFindShows() {
        StoredCredential saved = saved("steady");

        assertThat(page(CredentialFilter.ALL, 10)).containsExactly(saved);
        assertThat(page(new CredentialFilter(null, null, CredentialStatus.REVOKED, null), 10))
                .isEmpty();
    }

    @Test
    void keepsTenantsApart() {
        saved("steady");
        database.run("UPDATE oauth_credentials SET tenant_id = 'another'");

        assertThat(page(CredentialFilter.ALL, 10)).isEmpty();
    }

    @Test
    void mapThatIsNotJsonIsRefused() {
        assertThatThrownBy(() -> ColumnTexts.map("not JSON"))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageNotContaining("not JSON at");
        assertThat(ColumnTexts.map(ColumnTexts.ofMap(Map.of("a", "b\"c")))).isEqualTo(Map.of("a", "b\"c"));
    }

    private static String at(String offset) {
        return "'" + NOW + "'::timestamptz + " + "(" + offset + ")::interval";
    }

    private static String chance(int from) {
        return "'" + NOW + "'::timestamptz + (random() * 1200 - 1200 + " + from + ") * interval '1 h'";
    }

    private static CredentialFilter in(CredentialState state) {
        return new CredentialFilter(null, null, null, new CredentialFilter.StateAt(state, NOW), AccessLimits.ALL, null);
    }

    private Map<CredentialState, Long> counts() {
        try {
            return VertxContextSupport.subscribeAndAwait(() ->
                            overview.counts(ACME, AccessLimits.ALL, NOW, NOW.plus(CredentialState.EXPIRING_WITHIN)))
                    .getFirst()
                    .states();
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private List<io.nexus.oauth.credential.CredentialKey> keys(CredentialFilter filter) {
        return page(filter, 10).stream().map(StoredCredential::key).toList();
    }

    private List<StoredCredential> page(CredentialFilter filter, int limit) {
        try {
            return VertxContextSupport.subscribeAndAwait(() -> queries.page(ACME, filter, limit));
        } catch (Throwable e) {
            throw new AssertionError(e);
        }
    }

    private StoredCredential saved(String provider) {
        UUID id = UUID.randomUUID();
        SealedGrant grant = new SealedGrant(
                new SealedSecret("k.a"),
                new SealedSecret("k.r"),
                "Bearer",
                Scopes.of(List.of("read", "write")),
                NOW.plusSeconds(3600),
                true,
                NOW,
                NOW.plusSeconds(3000),
                Map.of("instance_url", "https://x.example"),
                Map.of(),
                null,
                null,
                null);
        Uni<StoredCredential> saved = credentials
                .save(new NewCredential(
                        id,
                        new AccountKey(ACME, provider, "user-" + id),
                        grant,
                        "client",
                        new AccountIdentity("4711", "Alice"),
                        Duration.ZERO,
                        "tester",
                        false,
                        false,
                        null))
                .map(done -> done.orElseThrow().credential());
        return saved.await().atMost(Duration.ofSeconds(20));
    }
}
