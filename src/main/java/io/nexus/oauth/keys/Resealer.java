package io.nexus.oauth.keys;

import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.SecretPlace;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.store.SealedRows.Replacement;
import io.nexus.oauth.store.SealedRows.SealedRow;
import io.nexus.oauth.store.SealedTable;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Opens the texts of a row at their place and seals them there anew. Works for some milliseconds a page: not for an event loop. */
@ApplicationScoped
class Resealer {

    private static final Logger LOG = Logger.getLogger(Resealer.class);
    private static final int MOST_TOLD = 20;

    private final SecretSealer sealer;
    private final AtomicInteger told = new AtomicInteger();

    Resealer(SecretSealer sealer) {
        this.sealer = sealer;
    }

    /** The rows of {@code table} with new texts; those of which one text does not open are left out. */
    List<Replacement> reseal(SealedTable table, List<SealedRow> rows) {
        return rows.stream()
                .map(row -> reseal(table, row))
                .flatMap(Optional::stream)
                .toList();
    }

    private Optional<Replacement> reseal(SealedTable table, SealedRow row) {
        try {
            return Optional.of(new Replacement(
                    row, reseal(row.first(), place(table, row, true)), reseal(row.second(), place(table, row, false))));
        } catch (CryptoException | IllegalArgumentException e) {
            if (told.incrementAndGet() <= MOST_TOLD) {
                LOG.warnf(
                        "%s %s %s does not open (%s) and stays as it is",
                        table.label(), row.at().a(), row.at().b(), e.getClass().getSimpleName());
            }
            return Optional.empty();
        }
    }

    private @Nullable String reseal(@Nullable String text, SecretPlace place) {
        return text == null
                ? null
                : sealer.seal(sealer.unseal(new SealedSecret(text), place), place)
                        .text();
    }

    private static SecretPlace place(SealedTable table, SealedRow row, boolean first) {
        return switch (table) {
            case OAUTH_CREDENTIALS, REVOCATION_OUTBOX ->
                StoredCredential.place(
                        new CredentialKey(row.tenant(), UUID.fromString(row.owner())),
                        first ? StoredCredential.ACCESS_TOKEN : StoredCredential.REFRESH_TOKEN);
            case OAUTH_CLIENTS ->
                first
                        ? SealedClient.place(row.tenant(), row.owner())
                        : SealedClient.secondPlace(row.tenant(), row.owner());
            case API_KEYS, ACCESS_POLICIES, CONNECT_SESSIONS ->
                throw new IllegalStateException(table.label() + " is not sealed anew");
        };
    }
}
