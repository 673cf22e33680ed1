package io.nexus.oauth.store;

import io.nexus.oauth.credential.SealedClient;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.store.execution.ColumnTexts;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.IdClass;
import jakarta.persistence.Table;
import java.io.Serializable;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** The row of an OAuth client registration. */
@Entity
@IdClass(ClientRow.Key.class)
@Table(name = "oauth_clients")
class ClientRow {

    @Id
    @Column(name = "tenant_id", columnDefinition = "text")
    String tenant;

    @Id
    @Column(columnDefinition = "text")
    String provider;

    @Column(name = "client_id", columnDefinition = "text")
    String clientId;

    @Column(name = "encrypted_client_secret", columnDefinition = "text")
    @Nullable String clientSecret;

    @Column(name = "encrypted_second_secret", columnDefinition = "text")
    @Nullable String secondSecret;

    @Column(columnDefinition = "text")
    String scopes;

    @Column(name = "omitted_scopes", columnDefinition = "text")
    String omittedScopes;

    @Column(name = "redirect_uri", columnDefinition = "text")
    @Nullable String redirectUri;

    @Column(columnDefinition = "text")
    String vars;

    @Column(name = "auth_method", columnDefinition = "text")
    @Nullable String authMethod;

    @Column(name = "auth_algorithm", columnDefinition = "text")
    @Nullable String authAlgorithm;

    @Column(name = "auth_audience", columnDefinition = "text")
    @Nullable String authAudience;

    @Column(name = "key_set")
    @Nullable UUID keySet;

    @Column(name = "created_at")
    Instant createdAt;

    @Column(name = "updated_at")
    Instant updatedAt;

    void set(SealedClient client) {
        clientId = client.clientId();
        clientSecret = ColumnTexts.ofSecret(client.clientSecret());
        secondSecret = ColumnTexts.ofSecret(client.secondSecret());
        scopes = client.scopes().join(" ");
        omittedScopes = client.omittedScopes().join(" ");
        redirectUri = client.redirectUri();
        vars = ColumnTexts.ofMap(client.vars());
        authMethod = client.authentication().method();
        authAlgorithm = client.authentication().algorithm();
        authAudience = client.authentication().audience();
        keySet = client.authentication().keySet();
        updatedAt = client.updatedAt();
    }

    SealedClient toClient(List<SealedClient.Key> keys) {
        return new SealedClient(
                new TenantId(tenant),
                provider,
                clientId,
                ColumnTexts.secret(clientSecret),
                ColumnTexts.secret(secondSecret),
                ColumnTexts.scopes(scopes),
                ColumnTexts.scopes(omittedScopes),
                redirectUri,
                ColumnTexts.map(vars),
                new SealedClient.Authentication(authMethod, authAlgorithm, authAudience, keySet, keys),
                createdAt,
                updatedAt);
    }

    /** The primary key. */
    static class Key implements Serializable {
        String tenant = "";
        String provider = "";

        Key() {}

        Key(TenantId tenant, String provider) {
            this.tenant = tenant.value();
            this.provider = provider;
        }

        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key that && tenant.equals(that.tenant) && provider.equals(that.provider);
        }

        @Override
        public int hashCode() {
            return Objects.hash(tenant, provider);
        }
    }
}
