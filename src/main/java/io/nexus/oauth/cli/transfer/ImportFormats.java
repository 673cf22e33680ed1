package io.nexus.oauth.cli.transfer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nexus.oauth.api.CredentialRequest;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.Text;
import io.nexus.oauth.cli.transfer.GrantSource.Found;
import io.nexus.oauth.cli.transfer.GrantSource.Verdict;
import java.time.Clock;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Converts the JSON formats of other systems into grants. */
final class ImportFormats {

    private static final ObjectReader STRICT =
            Json.MAPPER.readerFor(CredentialRequest.class).with(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);

    private final NameMapping mapping;
    private final @Nullable String user;
    private final Clock clock;

    /** {@code user} is the owner of the accounts, for formats without one. */
    ImportFormats(NameMapping mapping, @Nullable String user, Clock clock) {
        this.mapping = mapping;
        this.user = user;
        this.clock = clock;
    }

    /** A line of an export, with an encrypted grant. */
    Found exported(String name, JsonNode object, @Nullable ExportKeyFile key) {
        String account = text(object, "provider") + ":" + text(object, "user");
        if (object.hasNonNull("error")) {
            return Found.nothing(
                    name,
                    account,
                    Verdict.UNREADABLE,
                    "the exporting service could not decrypt it: " + text(object, "error"));
        }
        if (key == null) {
            throw CommandFailure.usage(
                    "the grants are encrypted: use --key-file FILE with the private key of the export");
        }
        Optional<String> opened = key.open(text(object, "grant"));
        if (opened.isEmpty()) {
            return Found.nothing(name, account, Verdict.UNREADABLE, "the key does not decrypt it");
        }
        try {
            ObjectNode grant = (ObjectNode) Json.MAPPER.readTree(opened.get());
            grant.set("tenant", object.get("tenant"));
            return own(name, grant);
        } catch (JsonProcessingException | ClassCastException e) {
            return Found.nothing(name, account, Verdict.REFUSED, "contains no grant");
        }
    }

    /** The service's own format: the body of {@code POST /api/v1/credentials}, with the tenant. */
    Found own(String name, JsonNode object) {
        ObjectNode grant = object.deepCopy();
        JsonNode tenant = grant.remove("tenant");
        try {
            CredentialRequest request = mapping.provider(STRICT.<CredentialRequest>readValue(grant));
            return Found.grant(
                    name, tenant == null || tenant.isNull() ? null : mapping.tenant(tenant.asText()), request, "");
        } catch (JsonProcessingException e) {
            return Found.nothing(
                    name,
                    text(object, "provider"),
                    Verdict.REFUSED,
                    "has an unknown field, or a field of the wrong type");
        } catch (java.io.IOException e) {
            throw new IllegalStateException("cannot read JSON from memory", e);
        }
    }

    /** A connection with credentials from Nango's API. */
    Found nango(String name, JsonNode object) {
        JsonNode credentials = object.path("credentials");
        String there = text(object, "provider_config_key").isEmpty()
                ? text(object, "provider")
                : text(object, "provider_config_key");
        String mail = text(object.path("end_user"), "email");
        String whose = !mail.isEmpty() ? mail : text(object, "connection_id");
        String account = there + ":" + whose;
        if (!credentials.isObject()) {
            return Found.nothing(
                    name,
                    account,
                    Verdict.REFUSED,
                    "has no credentials: fetch each connection by itself, the list contains none");
        }
        String type = text(credentials, "type");
        if (!type.equals("OAUTH2")) {
            return Found.nothing(
                    name, account, Verdict.UNSUPPORTED, (type.isEmpty() ? "it" : type) + " is not an OAuth 2.0 grant");
        }
        String refresh = text(credentials, "refresh_token");
        CredentialRequest grant = grant(
                provider(there, text(object, "provider")), whose, credentials, time(text(credentials, "expires_at")));
        String note =
                refresh.isEmpty() ? "no refresh token: fetch the connection with refresh_token=true if it has one" : "";
        return ended(name, Found.grant(name, null, grant, note), grant);
    }

    /** The output of {@code vault read -format=json} for a credential of the secrets engine oauthapp. */
    Found vault(String name, JsonNode object) {
        JsonNode data = object.path("data");
        String server = text(data, "server");
        if (text(data, "access_token").isEmpty()) {
            return Found.nothing(
                    name,
                    server,
                    Verdict.REFUSED,
                    "has no data.access_token: use the output of 'vault read -format=json'");
        }
        if (server.isEmpty() || user == null) {
            return Found.nothing(
                    name,
                    server,
                    Verdict.REFUSED,
                    server.isEmpty()
                            ? "has no data.server, so the provider is unknown"
                            : "names no user: use --user-email");
        }
        CredentialRequest grant = grant(mapping.provider(server), user, data, time(text(data, "expire_time")));
        String note = "Vault exposes no refresh token: reconnect before the token expires";
        return ended(name, Found.grant(name, null, grant, note), grant);
    }

    /** Drops a grant whose token expired and cannot be refreshed. */
    private Found ended(String name, Found found, CredentialRequest grant) {
        Instant end = grant.expiresAt();
        boolean ended = end != null && grant.refreshToken() == null && end.isBefore(clock.instant());
        return ended
                ? Found.nothing(
                        name, found.account(), Verdict.ENDED, "expired at " + Text.time(end) + ", no refresh token")
                : found;
    }

    private CredentialRequest grant(String provider, String whose, JsonNode credentials, @Nullable Instant end) {
        String refresh = text(credentials, "refresh_token");
        String type = Optional.of(text(credentials.path("raw"), "token_type"))
                .filter(text -> !text.isEmpty())
                .orElse(credentials.path("type").asText("").equalsIgnoreCase("Bearer") ? "Bearer" : "");
        String scope = text(credentials.path("raw"), "scope");
        return new CredentialRequest(
                provider,
                whose,
                text(credentials, "access_token"),
                refresh.isEmpty() ? null : refresh,
                type.isEmpty() ? null : type,
                end,
                null,
                scope.isEmpty() ? null : words(scope),
                null,
                null,
                null,
                false,
                null,
                null,
                null,
                null,
                null);
    }

    /** The mapped name of the integration, otherwise the provider of its template. */
    private String provider(String integration, String template) {
        String mapped = mapping.provider(integration);
        return mapped.equals(integration) && !template.isEmpty() ? mapping.provider(template) : mapped;
    }

    private static @Nullable Instant time(String text) {
        if (text.isEmpty()) {
            return null;
        }
        try {
            return OffsetDateTime.parse(text).toInstant();
        } catch (DateTimeException e) {
            return Instant.EPOCH;
        }
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split("[\\s,]+"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    private static String text(JsonNode object, String field) {
        return object.path(field).asText("");
    }
}
