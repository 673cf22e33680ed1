package io.nexus.oauth.keys;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.SecretPlace;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.provider.ClientRegistration;
import io.nexus.oauth.provider.assertion.ClientKey.Algorithm;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.quarkus.test.junit.QuarkusTest;
import io.vertx.core.json.JsonObject;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Whoever writes to the database can move every sealed text to every place of one, and opens none of them there; and can change the
 * variables beside a text, and opens it with no others.
 */
@QuarkusTest
class SwappedTextIT extends KeysFixture {

    private static final TenantId ACME = new TenantId("acme");
    private static final Map<String, String> NONE = Map.of();
    private static final Map<String, String> HERE = Map.of("host", "here.example");
    private static final List<String> ELSEWHERE = List.of(
            "{\"host\":\"elsewhere.example\"}",
            "{\"port\":\"here.example\"}",
            "{\"host\":\"here.example\",\"port\":\"1\"}",
            "{\"host\":\"\"}");

    @Inject
    SecretSealer sealer;

    /**
     * A place in the database.
     *
     * @param place what its text is sealed for; two may share one, when a text is copied there on purpose
     * @param read what the service does to open it
     */
    private record Cell(String table, String column, String row, SecretPlace place, Supplier<Object> read) {

        String at() {
            return " FROM " + table + " WHERE " + row;
        }
    }

    @Test
    void textOpensNowhereButWhereItWasSealed() {
        List<Cell> cells = new ArrayList<>();
        StoredCredential first = store(TenantId.DEFAULT, "one", "one-refresh");
        StoredCredential bound = store(TenantId.DEFAULT, "four", "four-refresh", HERE);
        for (StoredCredential each : List.of(
                first,
                store(TenantId.DEFAULT, "two", "two-refresh"),
                store(ACME, "three", "three-refresh"),
                bound,
                store(TenantId.DEFAULT, "five", "five-refresh", HERE))) {
            cells.addAll(credential(each));
        }
        cells.addAll(outbox(first));
        cells.addAll(outbox(bound));
        for (TenantId tenant : List.of(TenantId.DEFAULT, ACME)) {
            cells.addAll(client(tenant, "strict", NONE));
            cells.addAll(client(tenant, "graceful", HERE));
            cells.add(key(tenant, "killing", NONE));
            cells.add(session(tenant, NONE));
            cells.add(session(tenant, HERE));
        }
        List<String> texts = cells.stream()
                .map(cell -> database.one("SELECT " + cell.column() + cell.at()))
                .toList();
        int moved = 0;
        for (Cell cell : cells) {
            for (int from = 0; from < cells.size(); from++) {
                if (!cells.get(from).place().equals(cell.place())) {
                    put(cell, texts.get(from));
                    assertThatExceptionOfType(CryptoException.class)
                            .as(
                                    "%s of %s in %s",
                                    cells.get(from).place(), cells.get(from).table(), cell)
                            .isThrownBy(() -> cell.read().get());
                    moved++;
                }
            }
            put(cell, texts.get(cells.indexOf(cell)));
            assertThat(cell.read().get()).isNotNull();
        }
        assertThat(cells).hasSize(28);
        assertThat(moved).isEqualTo(28 * 27 - 8);
    }

    @Test
    void textOpensBesideNoOtherVariables() {
        List<Cell> cells = new ArrayList<>();
        for (Map<String, String> vars : List.of(NONE, HERE)) {
            StoredCredential credential = store(TenantId.DEFAULT, "one", "one-refresh", vars);
            cells.addAll(credential(credential));
            cells.addAll(outbox(credential));
            cells.addAll(client(TenantId.DEFAULT, vars.isEmpty() ? "strict" : "graceful", vars));
            cells.add(key(TenantId.DEFAULT, vars.isEmpty() ? "killing" : "silent", vars));
            cells.add(session(TenantId.DEFAULT, vars));
        }
        int changed = 0;
        for (Cell cell : cells) {
            String column = cell.table().equals("oauth_clients") ? "vars" : "client_vars";
            String before = database.one("SELECT " + column + cell.at());
            List<String> others = new ArrayList<>(ELSEWHERE);
            others.add(cell.place().clientVars().isEmpty() ? "{\"host\":\"here.example\"}" : "{}");
            for (String vars : others) {
                put(cell.table(), column, cell.row(), vars);
                assertThatExceptionOfType(CryptoException.Tampered.class)
                        .as("%s beside %s", cell, vars)
                        .isThrownBy(() -> cell.read().get());
                changed++;
            }
            put(cell.table(), column, cell.row(), before);
            assertThat(cell.read().get()).isNotNull();
        }
        assertThat(changed).isEqualTo(16 * 5);
    }

    private List<Cell> credential(StoredCredential credential) {
        String row = "credential_id = '" + credential.key().id() + "'";
        Supplier<Object> read = () -> await(tokens.getCredential(credential.account()))
                .map(OAuthCredential::accessToken)
                .orElse(null);
        return List.of(
                new Cell("oauth_credentials", "encrypted_access_token", row, access(credential), read),
                new Cell("oauth_credentials", "encrypted_refresh_token", row, refresh(credential), read));
    }

    /** Texts are copied there as they are, for the place that they were sealed for. */
    private List<Cell> outbox(StoredCredential credential) {
        String row = "credential_id = '" + credential.key().id() + "'";
        database.run("INSERT INTO revocation_outbox (credential_id, tenant_id, provider, user_email,"
                + " encrypted_access_token, encrypted_refresh_token, token_type, next_attempt_at, client_vars)"
                + " SELECT credential_id, tenant_id, provider, user_email, encrypted_access_token,"
                + " encrypted_refresh_token, token_type, clock_timestamp() + interval '1 day', client_vars"
                + " FROM oauth_credentials WHERE " + row);
        return List.of(
                cell("revocation_outbox", "encrypted_access_token", row, access(credential)),
                cell("revocation_outbox", "encrypted_refresh_token", row, refresh(credential)));
    }

    private List<Cell> client(TenantId tenant, String provider, Map<String, String> vars) {
        await(tokens.registerProvider(
                tenant,
                new ClientRegistration(
                        provider, "mine", Secret.of("first"), Secret.of("second"), Scopes.NONE, null, vars),
                "tester"));
        String row = "tenant_id = '" + tenant + "' AND provider = '" + provider + "'";
        return List.of(
                cell("oauth_clients", "encrypted_client_secret", row, SealedClient.place(tenant, provider, vars)),
                cell(
                        "oauth_clients",
                        "encrypted_second_secret",
                        row,
                        SealedClient.secondPlace(tenant, provider, vars)));
    }

    private Cell key(TenantId tenant, String provider, Map<String, String> vars) {
        await(tokens.registerProvider(
                tenant,
                new ClientRegistration(provider, "mine", null, Scopes.NONE, null, vars)
                        .by(new ClientRegistration.Authentication(
                                ClientAuth.PRIVATE_KEY_JWT, Algorithm.ES256, null, null, null, null)),
                "tester"));
        String row = "tenant_id = '" + tenant + "' AND provider = '" + provider + "'";
        UUID id = UUID.fromString(database.one("SELECT key_id FROM client_keys WHERE " + row));
        return cell("client_keys", "encrypted_key", row, SealedClient.keyPlace(tenant, provider, id, vars));
    }

    private Cell session(TenantId tenant, Map<String, String> vars) {
        UUID id = UUID.randomUUID();
        SecretPlace place = ConnectSession.verifierPlace(tenant, id, vars);
        database.run(
                "INSERT INTO connect_sessions (session_id, link_digest, tenant_id, provider, user_email, created_by,"
                        + " encrypted_code_verifier, expires_at, client_vars) VALUES ('" + id + "', '" + id + "', '"
                        + tenant + "', 'strict', 'alice', 'tester', '"
                        + sealer.seal(Secret.of("verifier"), place).text()
                        + "', clock_timestamp() + interval '5 minutes', '" + new JsonObject(Map.copyOf(vars)) + "')");
        return cell("connect_sessions", "encrypted_code_verifier", "session_id = '" + id + "'", place);
    }

    /** Opened with the variables that stand beside it, as the service does. */
    private Cell cell(String table, String column, String row, SecretPlace place) {
        String vars = table.equals("oauth_clients") ? "vars" : "client_vars";
        return new Cell(
                table,
                column,
                row,
                place,
                () -> sealer.unseal(
                        new SealedSecret(database.one("SELECT " + column + " FROM " + table + " WHERE " + row)),
                        new SecretPlace(
                                place.tenant(),
                                place.owner(),
                                place.field(),
                                map(database.one("SELECT " + vars + " FROM " + table + " WHERE " + row)))));
    }

    private static Map<String, String> map(String json) {
        return new JsonObject(json)
                .stream().collect(Collectors.toMap(Map.Entry::getKey, each -> String.valueOf(each.getValue())));
    }

    private void put(Cell cell, String text) {
        put(cell.table(), cell.column(), cell.row(), text);
    }

    private void put(String table, String column, String row, String text) {
        database.run("UPDATE " + table + " SET " + column + " = '" + text + "' WHERE " + row);
    }

    private static SecretPlace access(StoredCredential credential) {
        return StoredCredential.place(credential.key(), credential.clientVars(), StoredCredential.ACCESS_TOKEN);
    }

    private static SecretPlace refresh(StoredCredential credential) {
        return StoredCredential.place(credential.key(), credential.clientVars(), StoredCredential.REFRESH_TOKEN);
    }
}
