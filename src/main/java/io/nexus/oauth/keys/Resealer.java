package io.nexus.oauth.keys;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.SecretPlace;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.store.keys.SealedRows.Replacement;
import io.nexus.oauth.store.keys.SealedRows.SealedRow;
import io.nexus.oauth.store.keys.SealedTable;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Decrypts the secrets of rows and seals them again under the present key, on a worker thread. Does not block. */
@ApplicationScoped
class Resealer {

    private static final Logger LOG = Logger.getLogger(Resealer.class);
    private static final int MAX_LOGGED = 20;

    private final SecretSealer sealer;
    private final TenantKeyLoader tenants;
    private final Vertx vertx;
    private final AtomicInteger logged = new AtomicInteger();

    Resealer(SecretSealer sealer, TenantKeyLoader tenants, Vertx vertx) {
        this.sealer = sealer;
        this.tenants = tenants;
        this.vertx = vertx;
    }

    /** The rows of {@code table} with newly sealed secrets. A row with a secret that cannot be decrypted is omitted. */
    Uni<List<Replacement>> reseal(SealedTable table, List<SealedRow> rows) {
        return keysOf(table, rows)
                .chain(() -> vertx.executeBlocking(
                        () -> rows.stream()
                                .map(row -> reseal(table, row))
                                .flatMap(Optional::stream)
                                .toList(),
                        false));
    }

    /** Loads the tenants' keys. The rows of a tenant whose key cannot be loaded stay unchanged. */
    private Uni<Void> keysOf(SealedTable table, List<SealedRow> rows) {
        return Multi.createFrom()
                .items(rows.stream().map(SealedRow::tenant).distinct())
                .filter(tenant -> table != SealedTable.TENANT_KEYS)
                .onItem()
                .transformToUniAndConcatenate(tenant -> tenants.ensureSealable(tenant)
                        .onFailure(CryptoException.class)
                        .recoverWithNull())
                .collect()
                .last();
    }

    private Optional<Replacement> reseal(SealedTable table, SealedRow row) {
        try {
            return Optional.of(new Replacement(
                    row,
                    reseal(table, row.first(), place(table, row, true)),
                    reseal(table, row.second(), place(table, row, false))));
        } catch (CryptoException | IllegalArgumentException e) {
            if (logged.incrementAndGet() <= MAX_LOGGED) {
                LOG.warnf(
                        "Table %s, row %s %s: a secret cannot be decrypted (%s); the row is left unchanged",
                        table.label(),
                        row.key().firstColumn(),
                        row.key().secondColumn(),
                        e.getClass().getSimpleName());
            }
            return Optional.empty();
        }
    }

    private @Nullable String reseal(SealedTable table, @Nullable String text, SecretPlace place) {
        if (text == null) {
            return null;
        }
        Secret secret = sealer.unseal(new SealedSecret(text), place);
        return (table == SealedTable.TENANT_KEYS ? sealer.sealUnderMaster(secret, place) : sealer.seal(secret, place))
                .text();
    }

    private static SecretPlace place(SealedTable table, SealedRow row, boolean first) {
        return switch (table) {
            case OAUTH_CREDENTIALS, REVOCATION_OUTBOX ->
                StoredCredential.place(
                        new CredentialKey(row.tenant(), UUID.fromString(row.placeOwner())),
                        row.vars(),
                        first ? StoredCredential.ACCESS_TOKEN : StoredCredential.REFRESH_TOKEN);
            case OAUTH_CLIENTS ->
                first
                        ? SealedClient.place(row.tenant(), row.placeOwner(), row.vars())
                        : SealedClient.secondPlace(row.tenant(), row.placeOwner(), row.vars());
            case CLIENT_KEYS -> SealedClient.keyPlace(row.tenant(), row.placeOwner(), row.vars());
            case TENANT_KEYS -> SecretPlace.ofTenantKey(row.tenant(), row.placeOwner());
            case API_KEYS, ACCESS_POLICIES, CONNECT_SESSIONS ->
                throw new IllegalStateException("a rotation does not seal table " + table.label());
        };
    }
}
