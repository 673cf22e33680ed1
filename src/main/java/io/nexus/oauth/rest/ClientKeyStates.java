package io.nexus.oauth.rest;

import io.nexus.oauth.api.ClientKeyView;
import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.provider.assertion.ClientCertificate;
import io.nexus.oauth.provider.assertion.ClientKey;
import io.nexus.oauth.token.client.ClientRegistrations;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Describes the keys of an OAuth client. */
final class ClientKeyStates {

    private ClientKeyStates() {}

    static List<ClientKeyView> of(SealedClient client, Instant now) {
        List<SealedClient.Key> keys = client.authentication().keys();
        Optional<SealedClient.Key> signing = ClientRegistrations.signing(keys, now);
        return keys.stream()
                .map(key -> {
                    ClientKey.Description shown = ClientKey.describe(key.publicJwk());
                    return new ClientKeyView(
                            shown.id(),
                            shown.algorithm(),
                            state(key, signing, now),
                            key.brought(),
                            key.activeFrom(),
                            key.retiresAt(),
                            certificate(shown.certificate()));
                })
                .toList();
    }

    private static ClientKeyView.@Nullable Certificate certificate(ClientCertificate.@Nullable Details shown) {
        return shown == null ? null : new ClientKeyView.Certificate(shown.subject(), shown.sha256(), shown.notAfter());
    }

    private static String state(SealedClient.Key key, Optional<SealedClient.Key> signing, Instant now) {
        if (signing.filter(key::equals).isPresent()) {
            return "current";
        }
        if (key.activeFrom().isAfter(now)) {
            return "next";
        }
        return key.retiresAt() == null || key.retiresAt().isAfter(now) ? "previous" : "retired";
    }
}
