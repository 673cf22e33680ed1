package io.nexus.oauth.web;

import io.nexus.oauth.credential.CredentialException;
import io.quarkus.security.ForbiddenException;
import java.util.Objects;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The result for one credential: its colour as of a notice, a sentence, and the link that was made. */
record BulkOutcome(String kind, String text, @Nullable String url) {

    private static final Logger LOG = Logger.getLogger(BulkOutcome.class);

    static BulkOutcome of(String code) {
        PageLayouts.Notice notice = Objects.requireNonNull(PageLayouts.notice(code), code);
        return new BulkOutcome(notice.kind(), notice.text(), null);
    }

    /** The result in one word. */
    public String word() {
        return switch (kind) {
            case "good" -> "Done";
            case "warn" -> "Attention";
            default -> "Failed";
        };
    }

    /** The result of a failure. */
    static BulkOutcome failed(Throwable failure) {
        String code = CredentialPages.outcome(failure);
        return switch (failure) {
            case Throwable known when !code.isEmpty() -> of(code);
            case CredentialException.NotFound missing -> new BulkOutcome("warn", "There is no such credential.", null);
            case CredentialException.Revoked revoked -> new BulkOutcome("warn", "The credential is revoked.", null);
            case CredentialException.QuotaExceeded full ->
                new BulkOutcome("warn", "The quota for links is used up.", null);
            case CredentialException refused ->
                new BulkOutcome("warn", "The service refused: " + refused.getMessage(), null);
            case ForbiddenException denied -> new BulkOutcome("warn", "Your roles do not allow this.", null);
            default -> {
                LOG.error("An action on several credentials failed", failure);
                yield new BulkOutcome("bad", "The service could not do this now. Try again in a moment.", null);
            }
        };
    }

    /** Whether the caller may not do this to this credential. */
    static boolean isDenied(Throwable failure) {
        return failure instanceof CredentialException.Forbidden || failure instanceof ForbiddenException;
    }
}
