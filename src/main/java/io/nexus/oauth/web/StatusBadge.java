package io.nexus.oauth.web;

import io.nexus.oauth.api.CredentialView;
import io.nexus.oauth.api.RefreshView;

/**
 * A credential with its state for people.
 *
 * @param view the credential
 * @param word the state as words
 * @param kind the colour of the word: {@code good}, {@code warn}, {@code bad} or {@code off}
 * @param hint an explanation, or empty
 */
public record StatusBadge(CredentialView view, String word, String kind, String hint) {

    static StatusBadge of(CredentialView view) {
        return switch (view.state()) {
            case "valid" -> new StatusBadge(view, "Valid", "good", "");
            case "expiring" ->
                new StatusBadge(
                        view,
                        "Expiring",
                        "warn",
                        "The service cannot refresh it much longer. The user has to connect the account again before it expires.");
            case "expired" ->
                new StatusBadge(view, "Expired", "warn", "The service refreshes the token at the next request.");
            case "reconnect_required" ->
                new StatusBadge(
                        view, "Reconnect required", "bad", "Send the user a link to connect the account again.");
            default -> new StatusBadge(view, "Revoked", "off", "The service no longer issues its token.");
        };
    }

    /** Whether the latest refresh failed. This is no state: the current token may still work. A running one counts as unresolved. */
    public boolean isFailing() {
        RefreshView refresh = view.refresh();
        return isUsable() && refresh.failures() + refresh.unresolved() > (refresh.running() ? 1 : 0);
    }

    /** Whether the credential can be tested and refreshed. */
    public boolean isUsable() {
        return view.status().equals("active");
    }

    /** Whether it is a machine connection, which no person can connect. */
    public boolean isMachine() {
        return !view.grantType().equals("authorization_code");
    }

    /** Whether it is a machine connection whose client signs assertions (RFC 7523 section 2.1). */
    public boolean isSigned() {
        return view.grantType().endsWith(":jwt-bearer");
    }

    /** Whether the user has to connect the account again, now or soon. */
    public boolean isReconnectable() {
        return !isMachine() && !kind.equals("good") && !view.state().equals("expired");
    }

    /** Whether the credential can be revoked. */
    public boolean isRevocable() {
        return !view.status().equals("revoked");
    }

    /** The address of the page that asks to confirm the revocation. */
    public String revokePath() {
        return "/ui/credentials/" + view.id() + "?ask=revoke";
    }
}
