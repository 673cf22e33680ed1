package io.nexus.oauth.web;

import io.nexus.oauth.api.PolicyView;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A policy in words. */
public record PolicyLine(PolicyView view) {

    private static final Map<String, String> ABILITIES = Map.of(
            "token-reader", "get access tokens, and report refused ones",
            "token-exchanger", "get the access token of a user whose own token they show",
            "connector", "list, connect, store, refresh, test and revoke accounts",
            "tenant-admin", "list, refresh, test and revoke accounts, manage OAuth clients, and read the audit trail",
            "admin", "manage API keys and OAuth clients; with every tenant also policies, tenants and master keys",
            "auditor", "read the audit trail",
            "exporter", "take grants out, encrypted to a public key");

    /** Its name. */
    public String name() {
        return String.valueOf(view.name());
    }

    /** Whether the API stored it, so that it can be changed here. */
    public boolean isStored() {
        return view.origin().equals("api");
    }

    /** Whether its row was changed outside the service, so that it grants nothing. */
    public boolean isRefused() {
        return view.state().equals("refused");
    }

    /** Whether the form can change it. A refused one has no values to change; a new policy may take its place. */
    public boolean isChangeable() {
        return isStored() && !isRefused();
    }

    /** Whether a policy of the file takes its place. */
    public boolean isShadowed() {
        return view.state().equals("shadowed");
    }

    /** Whether its callers show a client certificate. */
    public boolean byCertificate() {
        return "certificate".equals(view.issuer());
    }

    /** Where the caller's identity comes from. */
    public String issuer() {
        return byCertificate() ? "by client certificate" : "of " + view.issuer();
    }

    /** Whether it counts in every tenant. */
    public boolean everywhere() {
        return tenants().contains("*");
    }

    /** Whether it covers a part of the credentials only. */
    public boolean limited() {
        return view.providers() != null || view.users() != null || view.scopes() != null;
    }

    /** Its roles as sentences. */
    public List<String> abilities() {
        return roles().stream().map(role -> ABILITIES.getOrDefault(role, role)).toList();
    }

    /** Its tenants. */
    public List<String> tenants() {
        return list(view.tenants());
    }

    /** Its roles. */
    public List<String> roles() {
        return list(view.roles());
    }

    /** The providers of its limit; none without a limit. */
    public List<String> providers() {
        return list(view.providers());
    }

    /** The users of its limit; none without a limit. */
    public List<String> users() {
        return list(view.users());
    }

    /** The scopes of its limit; none without a limit. */
    public List<String> scopes() {
        return list(view.scopes());
    }

    /** The address of its page. */
    public String path() {
        return "/ui/policies/" + name();
    }

    /** The address of its form. */
    public String editPath() {
        return path() + "/edit";
    }

    /** The address that deletes it. */
    public String deletePath() {
        return path() + "/delete";
    }

    private static List<String> list(@Nullable List<String> values) {
        return Objects.requireNonNullElse(values, List.of());
    }
}
