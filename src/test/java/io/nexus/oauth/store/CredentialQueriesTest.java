package io.nexus.oauth.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.agroal.api.AgroalDataSource;
import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.CredentialFilter;
import io.nexus.oauth.credential.CredentialFilter.Position;
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
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Lists, page by page. a list without a tenant cannot be asked for. */
@QuarkusTest
class CredentialQueriesTest {

    private static final Instant NOW = Instant.now().truncatedTo(ChronoUnit.MICROS);
    private static final TenantId ACME = new TenantId("acme");

    @Inject
    CredentialQueries queries;

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
                        false))
                .map(done -> done.orElseThrow().credential());
        return saved.await().atMost(Duration.ofSeconds(20));
    }
}
