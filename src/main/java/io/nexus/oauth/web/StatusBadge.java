package io.nexus.oauth.web;

import io.nexus.oauth.api.CredentialView;
import java.time.Duration;
import java.time.Instant;

/**
 * A credential and how it stands, in a word.
 *
 * @param view the credential
 * @param word how it stands
 * @param kind how the word is coloured: {@code good}, {@code warn}, {@code bad} or {@code off}
 * @param hint what that means for the reader, or an empty text
 */
public record StatusBadge(CredentialView view, String word, String kind, String hint) {

    private static final Duration SOON = Duration.ofDays(7);

    static StatusBadge of(CredentialView view, Instant now) {
        return switch (view.status()) {
            case "revoked" -> new StatusBadge(view, "Revoked", "off", "Nobody gets its token any more.");
            case "reauth_required" ->
                new StatusBadge(
                        view,
                        "Reconnect needed",
                        "bad",
                        "The provider ended the grant. Send its user a link to connect the account again.");
            default -> active(view, now);
        };
    }

    /** Whether a request to the provider could be tried. */
    public boolean isUsable() {
        return view.status().equals("active");
    }

    /** Whether it can be revoked. */
    public boolean isRevocable() {
        return !view.status().equals("revoked");
    }

    /** Where it is asked whether to revoke it. */
    public String revokePath() {
        return "/ui/credentials/" + view.id() + "?ask=revoke";
    }

    private static StatusBadge active(CredentialView view, Instant now) {
        Instant end = view.expiresAt();
        if (view.expired()) {
            return view.refreshable()
                    ? new StatusBadge(view, "Expired", "warn", "It is refreshed as soon as somebody asks for it.")
                    : new StatusBadge(
                            view, "Expired", "bad", "It cannot be refreshed: have the account connected again.");
        }
        if (view.refresh().failures() > 0 || view.refresh().unresolved() > 0) {
            return new StatusBadge(
                    view, "Refresh failing", "warn", "The present token works. The service tries again by itself.");
        }
        if (!view.refreshable() && end != null && end.isBefore(now.plus(SOON))) {
            return new StatusBadge(
                    view,
                    "Ending",
                    "warn",
                    "There is no refresh token: have the account connected again before it ends.");
        }
        return new StatusBadge(view, "Valid", "good", "");
    }
}
