package io.nexus.oauth.cli.transfer;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.api.CredentialRequest;
import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Json;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The table {@code oauth_credentials} of the original Nexus, in any version. Its tenant column is {@code tenant_id}, later {@code
 * zone_id}. Rows without a tenant belong to {@code default}, where the original could store the same account twice.
 */
final class NexusSource implements GrantSource {

    private static final String TABLE = "oauth_credentials";
    private static final String DEFAULT_TENANT = "default";
    private static final Set<String> TRUE = Set.of("1", "t", "true");

    private final NexusDatabase database;
    private final FernetKeys keys;
    private final NameMapping mapping;
    private final Shell shell;
    private final Set<String> columns;
    private final long total;
    private final ResultSet rows;
    private @Nullable String group;
    private boolean taken;

    NexusSource(Shell shell, NexusDatabase database, FernetKeys keys, NameMapping mapping) {
        this.shell = shell;
        this.database = database;
        this.keys = keys;
        this.mapping = mapping;
        try {
            this.columns = database.columns(TABLE);
            if (!columns.containsAll(Set.of("provider", "user_email", "encrypted_access_token"))) {
                throw CommandFailure.usage("the database is not one of Nexus: it has no table " + TABLE);
            }
            addStoredKey();
            this.total = database.one("SELECT count(*) FROM " + TABLE)
                    .map(Long::parseLong)
                    .orElse(0L);
            this.rows = database.rows(query());
        } catch (SQLException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot read the database: " + Text.clean(e.getMessage()));
        }
    }

    /** Since the end of 2025 the original stores its key as clear text in the same database. */
    private void addStoredKey() throws SQLException {
        if (database.columns("system_settings").containsAll(Set.of("key", "value"))) {
            database.one("SELECT value FROM system_settings WHERE \"key\" = 'oauth_encryption_key'")
                    .ifPresent(key -> keys.addIfFit("system_settings of that database", key));
        }
        if (keys.isEmpty()) {
            throw CommandFailure.usage(
                    "no encryption key in NEXUS_OAUTH_ENCRYPTION_KEY, ~/.nexus/encryption.key, ~/.nexus/auth/oauth.key"
                            + " or the database: use --key-file FILE");
        }
    }

    /**
     * Sorts rows of the same account together, the best first: active before revoked, then the latest token. {@code updated_at}
     * cannot be used, because the original updated it with each read.
     */
    private String query() {
        List<String> had = present("last_refreshed_at", "created_at");
        String last =
                had.isEmpty() ? "NULL" : had.size() == 1 ? had.getFirst() : "COALESCE(" + String.join(", ", had) + ")";
        List<String> order = new ArrayList<>(List.of("1", "2", "3"));
        if (columns.contains("revoked")) {
            order.add("CASE WHEN revoked = 0 THEN 0 ELSE 1 END");
        }
        order.add(last + " DESC");
        order.addAll(
                present("expires_at").stream().map(column -> column + " DESC").toList());
        String tenant = mapped(tenantColumn(), mapping.tenants());
        String provider = mapped("provider", mapping.providers());
        return "SELECT " + tenant + " AS owner, " + provider + " AS place, user_email, encrypted_access_token, "
                + String.join(
                        ", ",
                        present(
                                "encrypted_refresh_token",
                                "token_type",
                                "expires_at",
                                "scopes",
                                "client_id",
                                "revoked",
                                "revoked_at",
                                "credential_id"))
                + " FROM " + TABLE + " ORDER BY " + String.join(", ", order);
    }

    /** The tenant of a row; an empty tenant counts as none. */
    private String tenantColumn() {
        String fallback = literal(DEFAULT_TENANT);
        String found = present("zone_id", "tenant_id").stream()
                .map(column -> "NULLIF(" + column + ", ''), ")
                .collect(Collectors.joining());
        return found.isEmpty() ? fallback : "COALESCE(" + found + fallback + ")";
    }

    /** An SQL expression that maps {@code value} to its name in this service. */
    private static String mapped(String value, Map<String, String> names) {
        return names.isEmpty()
                ? value
                : names.entrySet().stream()
                        .map(name -> "WHEN " + literal(name.getKey()) + " THEN " + literal(name.getValue()))
                        .collect(Collectors.joining(" ", "CASE " + value + " ", " ELSE " + value + " END"));
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }

    private List<String> present(String... names) {
        return Arrays.stream(names).filter(columns::contains).toList();
    }

    @Override
    public long total() {
        return total;
    }

    @Override
    public @Nullable Found next() throws IOException {
        try {
            return rows.next() ? read() : null;
        } catch (SQLException e) {
            throw new IOException("cannot read the database: " + Text.clean(e.getMessage()));
        }
    }

    private Found read() throws SQLException {
        String tenant = Objects.requireNonNullElse(rows.getString("owner"), DEFAULT_TENANT);
        String provider = Objects.requireNonNullElse(rows.getString("place"), "");
        String user = Objects.requireNonNullElse(rows.getString("user_email"), "");
        String name = Objects.requireNonNullElse(optional("credential_id"), "row " + rows.getRow());
        String account = provider + ":" + user;
        String key = tenant + "\0" + provider + "\0" + user;
        if (!key.equals(group)) {
            group = key;
            taken = false;
        }
        if (isTrue(optional("revoked"))) {
            return Found.nothing(name, account, Verdict.REVOKED, "").in(tenant);
        }
        if (taken) {
            return Found.nothing(name, account, Verdict.DUPLICATE, "a later row of the account is imported")
                    .in(tenant);
        }
        return opened(name, provider, user).in(tenant);
    }

    private Found opened(String name, String provider, String user) throws SQLException {
        String account = provider + ":" + user;
        Optional<String> access = keys.open(Objects.requireNonNullElse(rows.getString("encrypted_access_token"), ""));
        String sealedRefresh = optional("encrypted_refresh_token");
        Optional<String> refresh = sealedRefresh == null ? Optional.empty() : keys.open(sealedRefresh);
        if (access.isEmpty() || (sealedRefresh != null && refresh.isEmpty())) {
            return Found.nothing(name, account, Verdict.UNREADABLE, "no key decrypts it");
        }
        Optional<Instant> expiry = Optional.ofNullable(optional("expires_at")).map(NexusSource::instant);
        boolean ended =
                expiry.isPresent() && expiry.get().isBefore(shell.clock().instant());
        if (ended && refresh.isEmpty()) {
            return Found.nothing(
                    name, account, Verdict.ENDED, "expired at " + Text.time(expiry.get()) + ", no refresh token");
        }
        taken = true;
        CredentialRequest grant = new CredentialRequest(
                provider,
                user,
                access.get(),
                refresh.orElse(null),
                type(optional("token_type")),
                expiry.orElse(null),
                null,
                scopes(optional("scopes")),
                optional("client_id"),
                null,
                null,
                false,
                null,
                null,
                null,
                null,
                null);
        return Found.grant(name, null, grant, note(expiry.isEmpty(), optional("revoked_at") != null));
    }

    private static String note(boolean endless, boolean stale) {
        List<String> notes = new ArrayList<>();
        if (endless) {
            notes.add("no expiry was stored");
        }
        if (stale) {
            notes.add("was revoked and reconnected");
        }
        return String.join("; ", notes);
    }

    private @Nullable String optional(String column) throws SQLException {
        String value = columns.contains(column) ? rows.getString(column) : null;
        return value == null || value.isBlank() ? null : value;
    }

    private static boolean isTrue(@Nullable String value) {
        return value != null && TRUE.contains(value.toLowerCase(Locale.ROOT));
    }

    private static @Nullable String type(@Nullable String type) {
        return type == null || !type.matches("[A-Za-z0-9_-]{1,32}") ? null : type;
    }

    /** Parses a time; without a zone it is UTC. */
    private static Instant instant(String text) {
        String iso = text.strip().replace(' ', 'T');
        try {
            return iso.matches(".*(Z|[+-][0-9]{2}(:?[0-9]{2})?)$") && iso.indexOf('T') > 0
                    ? OffsetDateTime.parse(iso.replaceFirst("([+-][0-9]{2})$", "$1:00"))
                            .toInstant()
                    : LocalDateTime.parse(iso).toInstant(ZoneOffset.UTC);
        } catch (DateTimeException e) {
            // an unreadable expiry must not look like none: the service then refreshes the token first
            return Instant.EPOCH;
        }
    }

    private static @Nullable List<String> scopes(@Nullable String text) {
        if (text == null) {
            return null;
        }
        try {
            JsonNode list = Json.parse(text.getBytes(StandardCharsets.UTF_8));
            if (list.isArray()) {
                List<String> scopes = new ArrayList<>();
                list.forEach(scope -> scopes.addAll(words(scope.asText())));
                return scopes;
            }
        } catch (IOException e) {
            // then it is a plain list
        }
        return words(text);
    }

    private static List<String> words(String text) {
        return Arrays.stream(text.split("[\\s,]+"))
                .filter(word -> !word.isEmpty())
                .toList();
    }

    @Override
    public void close() throws IOException {
        try {
            rows.close();
            database.close();
        } catch (SQLException e) {
            throw new IOException("cannot close the database");
        }
    }
}
