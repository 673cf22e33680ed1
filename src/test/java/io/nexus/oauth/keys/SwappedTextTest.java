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
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;

/** Whoever writes to the database can move every sealed text to every place of one, and opens none of them there. */
@QuarkusTest
class SwappedTextTest extends KeysFixture {

    private static final TenantId ACME = new TenantId("acme");

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
        for (StoredCredential each :
                List.of(first, store(TenantId.DEFAULT, "two", "two-refresh"), store(ACME, "three", "three-refresh"))) {
            cells.addAll(credential(each));
        }
        cells.addAll(outbox(first));
        for (TenantId tenant : List.of(TenantId.DEFAULT, ACME)) {
            cells.addAll(client(tenant));
            cells.add(session(tenant));
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
        assertThat(cells).hasSize(14);
        assertThat(moved).isEqualTo(14 * 13 - 4);
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
                + " encrypted_access_token, encrypted_refresh_token, token_type, next_attempt_at)"
                + " SELECT credential_id, tenant_id, provider, user_email, encrypted_access_token,"
                + " encrypted_refresh_token, token_type, clock_timestamp() + interval '1 day' FROM oauth_credentials"
                + " WHERE " + row);
        return List.of(
                cell("revocation_outbox", "encrypted_access_token", row, access(credential)),
                cell("revocation_outbox", "encrypted_refresh_token", row, refresh(credential)));
    }

    private List<Cell> client(TenantId tenant) {
        await(tokens.registerProvider(
                tenant,
                new ClientRegistration(
                        "strict", "mine", Secret.of("first"), Secret.of("second"), Scopes.NONE, null, Map.of()),
                "tester"));
        String row = "tenant_id = '" + tenant + "' AND provider = 'strict'";
        return List.of(
                cell("oauth_clients", "encrypted_client_secret", row, SealedClient.place(tenant, "strict")),
                cell("oauth_clients", "encrypted_second_secret", row, SealedClient.secondPlace(tenant, "strict")));
    }

    private Cell session(TenantId tenant) {
        UUID id = UUID.randomUUID();
        SecretPlace place = ConnectSession.verifierPlace(tenant, id);
        database.run(
                "INSERT INTO connect_sessions (session_id, link_digest, tenant_id, provider, user_email, created_by,"
                        + " encrypted_code_verifier, expires_at) VALUES ('" + id + "', '" + id + "', '" + tenant
                        + "', 'strict', 'alice', 'tester', '"
                        + sealer.seal(Secret.of("verifier"), place).text()
                        + "', clock_timestamp() + interval '5 minutes')");
        return cell("connect_sessions", "encrypted_code_verifier", "session_id = '" + id + "'", place);
    }

    private Cell cell(String table, String column, String row, SecretPlace place) {
        return new Cell(
                table,
                column,
                row,
                place,
                () -> sealer.unseal(
                        new SealedSecret(database.one("SELECT " + column + " FROM " + table + " WHERE " + row)),
                        place));
    }

    private void put(Cell cell, String text) {
        database.run("UPDATE " + cell.table() + " SET " + cell.column() + " = '" + text + "' WHERE " + cell.row());
    }

    private static SecretPlace access(StoredCredential credential) {
        return StoredCredential.place(credential.key(), StoredCredential.ACCESS_TOKEN);
    }

    private static SecretPlace refresh(StoredCredential credential) {
        return StoredCredential.place(credential.key(), StoredCredential.REFRESH_TOKEN);
    }
}
