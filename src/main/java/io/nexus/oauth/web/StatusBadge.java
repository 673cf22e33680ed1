package io.nexus.oauth.web;

import io.nexus.oauth.api.CredentialView;
import java.time.Duration;
import java.time.Instant;

/**
 * A credential with its status for people.
 *
 * @param view the credential
 * @param word the status as a word
 * @param kind the colour of the word: {@code good}, {@code warn}, {@code bad} or {@code off}
 * @param hint an explanation, or empty
 */
public record StatusBadge(CredentialView view, String word, String kind, String hint) {

    private static final Duration ENDING_WARNING_TIME = Duration.ofDays(7);

    static StatusBadge of(CredentialView view, Instant now) {
        return switch (view.status()) {
            case "revoked" -> new StatusBadge(view, "Revoked", "off", "The service no longer issues its token.");
            case "reauth_required" ->
                new StatusBadge(
                        view,
                        "Reconnect needed",
                        "bad",
                        "The provider revoked the grant. Send the user a link to connect the account again.");
            default -> active(view, now);
        };
    }

    /** Whether the credential can be tested and refreshed. */
    public boolean isUsable() {
        return view.status().equals("active");
    }

    /** Whether the credential can be revoked. */
    public boolean isRevocable() {
        return !view.status().equals("revoked");
    }

    /** The address of the page that asks to confirm the revocation. */
    public String revokePath() {
        return "/ui/credentials/" + view.id() + "?ask=revoke";
    }

    private static StatusBadge active(CredentialView view, Instant now) {
        Instant end = view.expiresAt();
        if (view.expired()) {
            return view.refreshable()
                    ? new StatusBadge(view, "Expired", "warn", "The service refreshes the token at the next request.")
                    : new StatusBadge(
                            view,
                            "Expired",
                            "bad",
                            "The token cannot be refreshed. The user has to connect the account again.");
        }
        if (view.refresh().failures() > 0 || view.refresh().unresolved() > 0) {
            return new StatusBadge(
                    view, "Refresh failing", "warn", "The current token works. The service retries automatically.");
        }
        if (!view.refreshable() && end != null && end.isBefore(now.plus(ENDING_WARNING_TIME))) {
            return new StatusBadge(
                    view,
                    "Ending",
                    "warn",
                    "There is no refresh token. The user has to connect the account again before the token expires.");
        }
        return new StatusBadge(view, "Valid", "good", "");
    }
}
