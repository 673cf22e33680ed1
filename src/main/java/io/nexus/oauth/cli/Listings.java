package io.nexus.oauth.cli;

import io.nexus.oauth.api.ApiKeyView;
import io.nexus.oauth.api.AuditEntryView;
import io.nexus.oauth.api.ClientView;
import io.nexus.oauth.api.CredentialView;
import io.nexus.oauth.api.KeyView;
import io.nexus.oauth.api.PolicyView;
import io.nexus.oauth.api.ProviderView;
import io.nexus.oauth.api.RotationView;
import io.nexus.oauth.api.UsageView;
import io.nexus.oauth.cli.terminal.Listing;
import io.nexus.oauth.cli.terminal.Listing.Column;
import io.nexus.oauth.cli.terminal.Listing.View;
import io.nexus.oauth.cli.terminal.Text;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The columns and names of each kind of listed item. */
final class Listings {

    /** Credentials, with the columns of the original Nexus. */
    static final Listing<CredentialView> CREDENTIALS = new Listing<>(
            CredentialView.class,
            "credential",
            "credentials",
            "No OAuth credentials found",
            false,
            credential -> credential.id().toString(),
            List.of(
                    Column.of("Provider", CredentialView::provider),
                    Column.of("User Email", CredentialView::user),
                    Column.of("Tenant ID", CredentialView::tenant),
                    new Column<>("State", false, Listings::state, Listings::dotted),
                    new Column<>(
                            "Expires At",
                            false,
                            credential -> Text.time(credential.expiresAt()),
                            (credential, view) -> end(credential.expiresAt(), view)),
                    time("Last Used", false, "Never", CredentialView::lastUsedAt),
                    Column.wide("ID", credential -> credential.id().toString()),
                    Column.wide("Grant", credential -> text(credential.grantType())),
                    Column.wide("Account", credential -> text(credential.accountLabel())),
                    Column.wide("Scopes", credential -> String.join(" ", credential.scopes())),
                    Column.wide("Client ID", credential -> text(credential.clientId())),
                    Column.wide("Version", credential -> String.valueOf(credential.version())),
                    time(
                            "Next Refresh",
                            true,
                            "",
                            credential -> credential.refresh().nextAt()),
                    time("Created", true, "", CredentialView::createdAt),
                    Column.wide(
                            "Last Error",
                            credential -> text(credential.refresh().lastError()))));

    /** How often the service issued the token of a credential, for each day. */
    static final Listing<UsageView> USAGE = new Listing<>(
            UsageView.class,
            "day",
            "days",
            "No token was issued for this credential yet",
            false,
            usage -> usage.day().toString(),
            List.of(
                    Column.of("Day", usage -> usage.day().toString()),
                    Column.of("Handed Out", usage -> String.valueOf(usage.handouts()))));

    /** Providers. */
    static final Listing<ProviderView> PROVIDERS = new Listing<>(
            ProviderView.class,
            "provider",
            "providers",
            "No providers found",
            false,
            ProviderView::id,
            List.of(
                    Column.of("ID", ProviderView::id),
                    Column.of("Name", ProviderView::name),
                    Column.of("Client", provider -> provider.registered() ? "registered" : ""),
                    Column.of("Variables", provider -> String.join(" ", provider.vars())),
                    Column.wide("Redirect URI", ProviderView::callback),
                    Column.wide("Rotation", ProviderView::rotation)));

    /** OAuth clients. */
    static final Listing<ClientView> CLIENTS = new Listing<>(
            ClientView.class,
            "client",
            "clients",
            "No OAuth clients found. Register one with: nexus oauth clients set PROVIDER",
            false,
            ClientView::provider,
            List.of(
                    Column.of("Provider", ClientView::provider),
                    Column.of("Client ID", ClientView::clientId),
                    Column.of("Secrets", Listings::secrets),
                    Column.of("Scopes", client -> String.join(" ", client.scopes())),
                    time("Updated", false, "", ClientView::updatedAt),
                    Column.wide("Redirect URI", ClientView::redirectUri),
                    Column.wide("Method", client -> Objects.requireNonNullElse(client.tokenEndpointAuthMethod(), "")),
                    Column.wide("JWKS URI", client -> Objects.requireNonNullElse(client.jwksUri(), "")),
                    Column.wide("Variables", client -> client.vars().toString())));

    /** Entries of the audit trail. */
    static final Listing<AuditEntryView> AUDIT = new Listing<>(
            AuditEntryView.class,
            "event",
            "events",
            "No events found",
            true,
            entry -> String.valueOf(entry.id()),
            List.of(
                    time("At", false, "", AuditEntryView::at),
                    Column.of("Operation", AuditEntryView::operation),
                    Column.of("Provider", entry -> text(entry.provider())),
                    Column.of("User Email", entry -> text(entry.user())),
                    Column.of("Actor", AuditEntryView::actor),
                    Column.of("Times", entry -> String.valueOf(entry.times())),
                    Column.of("Detail", entry -> text(entry.detail())),
                    Column.wide("Subject", entry -> text(entry.subject())),
                    Column.wide("Source", entry -> text(entry.source())),
                    Column.wide("Credential", entry -> Objects.toString(entry.credentialId(), "")),
                    Column.wide("Version", entry -> Objects.toString(entry.version(), "")),
                    Column.wide("ID", entry -> String.valueOf(entry.id()))));

    /** Master keys. */
    static final Listing<KeyView> KEYS = new Listing<>(
            KeyView.class,
            "key",
            "keys",
            "No master keys found",
            false,
            KeyView::keyId,
            List.of(
                    Column.of("Key ID", KeyView::keyId),
                    Column.of("Role", KeyView::role),
                    Column.of(
                            "Rows",
                            key -> String.valueOf(key.rows().values().stream()
                                    .mapToLong(Long::longValue)
                                    .sum())),
                    Column.of("Replicas", key -> String.valueOf(key.replicas().size())),
                    Column.of("Retirable", key -> key.retirable() ? "yes" : "no"),
                    Column.wide("Tables", key -> key.rows().toString()),
                    Column.wide("Journals", key -> String.join(" ", key.journals())),
                    Column.wide("Audit", key -> String.join(" ", key.audit()))));

    /** A rotation of the master key. */
    static final Listing<RotationView> ROTATION = new Listing<>(
            RotationView.class,
            "rotation",
            "rotations",
            "No rotation has run yet",
            false,
            RotationView::keyId,
            List.of(
                    Column.of("Key ID", RotationView::keyId),
                    Column.of("State", RotationView::state),
                    Column.of("Done", rotation -> String.valueOf(rotation.done())),
                    Column.of("Total", rotation -> Objects.toString(rotation.total(), "")),
                    Column.of("Unreadable", rotation -> String.valueOf(rotation.unreadable())),
                    Column.of("Started By", RotationView::startedBy),
                    time("Started", false, "", RotationView::startedAt),
                    time("Updated", false, "", RotationView::updatedAt),
                    time("Ended", false, "", RotationView::endedAt)));

    /** API keys, without their secrets. */
    static final Listing<ApiKeyView> API_KEYS = new Listing<>(
            ApiKeyView.class,
            "key",
            "keys",
            "No API keys found",
            false,
            ApiKeyView::id,
            List.of(
                    Column.of("ID", ApiKeyView::id),
                    Column.of("Name", ApiKeyView::name),
                    Column.of("Tenant ID", ApiKeyView::tenant),
                    Column.of("Roles", key -> String.join(" ", key.roles())),
                    time("Expires At", false, "", ApiKeyView::expiresAt),
                    time("Last Used", false, "Never", ApiKeyView::lastUsedAt),
                    time("Revoked", false, "", ApiKeyView::revokedAt),
                    time("Created", true, "", ApiKeyView::createdAt),
                    Column.wide("Created By", ApiKeyView::createdBy)));

    /** Policies. */
    static final Listing<PolicyView> POLICIES = new Listing<>(
            PolicyView.class,
            "policy",
            "policies",
            "No policies found",
            false,
            policy -> text(policy.name()),
            List.of(
                    Column.of("Name", policy -> text(policy.name())),
                    Column.of("Origin", PolicyView::origin),
                    Column.of("State", PolicyView::state),
                    Column.of("Subject", policy -> text(policy.subject())),
                    Column.of("Tenants", policy -> words(policy.tenants(), "")),
                    Column.of("Roles", policy -> words(policy.roles(), "")),
                    Column.wide("Issuer", policy -> text(policy.issuer())),
                    Column.wide("Providers", policy -> words(policy.providers(), "all")),
                    Column.wide("Users", policy -> words(policy.users(), "all")),
                    Column.wide("Scopes", policy -> words(policy.scopes(), "all")),
                    Column.wide("Updated By", policy -> text(policy.updatedBy())),
                    time("Updated", true, "", PolicyView::updatedAt)));

    /** Stored contexts of the command line. */
    static final Listing<ContextCommand.Shown> CONTEXTS = new Listing<>(
            ContextCommand.Shown.class,
            "context",
            "contexts",
            "No contexts found. Create one with: nexus oauth login",
            false,
            ContextCommand.Shown::name,
            List.of(
                    Column.of("Current", context -> context.current() ? "*" : ""),
                    Column.of("Name", ContextCommand.Shown::name),
                    Column.of("Server", ContextCommand.Shown::server),
                    Column.of("Tenant ID", context -> text(context.tenant())),
                    Column.of("Login", ContextCommand.Shown::login)));

    private Listings() {}

    /** A column with a time: relative to now on a terminal, RFC 3339 elsewhere. */
    private static <T> Column<T> time(String title, boolean wide, String none, Function<T, @Nullable Instant> at) {
        return new Column<>(title, wide, item -> Text.time(at.apply(item)), (item, view) -> {
            Instant time = at.apply(item);
            return time == null ? none : Text.relative(time, view.now());
        });
    }

    /** The expiry as the original Nexus showed it, or relative to now on a narrow terminal. */
    private static String end(@Nullable Instant time, View view) {
        if (time == null) {
            return "N/A";
        }
        return view.narrow() ? Text.relative(time, view.now()) : Text.time(time);
    }

    private static String text(@Nullable String text) {
        return Objects.requireNonNullElse(text, "");
    }

    private static String words(@Nullable List<String> words, String none) {
        return words == null ? none : String.join(" ", words);
    }

    private static String secrets(ClientView client) {
        return client.hasSecondSecret() ? "two" : client.hasSecret() ? "one" : "none";
    }

    /** An older service has no states. */
    private static String state(CredentialView credential) {
        return Objects.requireNonNullElse(credential.state(), credential.status());
    }

    private static String dotted(CredentialView credential, View view) {
        String state = state(credential);
        String dot = switch (state) {
            case "valid" -> "🟢";
            case "expiring", "expired" -> "🟡";
            case "reconnect_required" -> "🔴";
            default -> "⚫";
        };
        return view.terminal().dotted(dot, state);
    }
}
