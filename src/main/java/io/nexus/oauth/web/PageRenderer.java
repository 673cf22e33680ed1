package io.nexus.oauth.web;

import io.nexus.oauth.connect.PublicUrl;
import io.nexus.oauth.credential.ConnectSession;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/** Renders the connect pages. Their headers forbid scripts, frames, caching and referrers. */
@ApplicationScoped
class PageRenderer {

    private static final String POLICY =
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /** A fixed text for each error, so that no text from a URL is shown. */
    private static final Map<String, String> REASONS = Map.of(
            "access_denied", "You did not allow the access. Nothing was stored.",
            "other_account",
                    "This is another account than the one that was connected before. Sign in with the earlier account, or ask"
                            + " the sender of the link for one that accepts another account.",
            "identity_unavailable",
                    "The provider did not identify the account, so the service cannot compare it with the earlier one. Allow the "
                            + "provider to share your profile, or try again in a moment.",
            "storage_unavailable",
                    "The service could not store the connection. Ask the sender of the link for a new one.",
            "interrupted",
                    "The service was interrupted before it could store the connection. Ask the sender of the link for a new one.",
            "quota_exceeded", "The quota for accounts is used up. Tell the sender of the link.",
            "client_not_registered", "The service is not registered at this provider yet.",
            "client_changed",
                    "The registration of the service at this provider changed in the meantime. Ask the sender of the link for a"
                            + " new one.",
            "provider_unreachable", "The provider cannot be reached. Try again in a moment.");

    private final boolean local;
    private final String base;
    private final String home;

    PageRenderer(
            @ConfigProperty(name = "nexus.oauth.mode", defaultValue = "production") String mode,
            @ConfigProperty(name = "nexus.oauth.home") String home,
            PublicUrl publicUrl) {
        this.local = mode.equals("local");
        this.base = publicUrl.base();
        this.home = home;
    }

    Response home() {
        return page(200, Templates.home(local, base, home));
    }

    Response connect(ConnectSession session, String provider, String start) {
        return page(
                200,
                Templates.connect(
                        provider,
                        session.account().user(),
                        session.account().tenant().value(),
                        start));
    }

    Response result(ConnectSession session, String provider) {
        boolean connected = session.status() == ConnectSession.Status.CONNECTED;
        String error = session.error();
        return page(200, Templates.result(provider, session.account().user(), connected, reason(error), error));
    }

    private static String reason(@Nullable String error) {
        return switch (error) {
            case null -> "";
            case "invalid_request",
                    "invalid_scope",
                    "unauthorized_client",
                    "unsupported_response_type",
                    "invalid_client" ->
                "The provider does not accept the request of this service. You did nothing wrong, and nothing was stored. Tell the"
                        + " sender of the link.";
            case "server_error", "temporarily_unavailable", "slow_down", "rate_limited" ->
                "The provider has a problem at the moment. Nothing was stored. Ask for a new link and try again later.";
            case "proxy_unreachable", "proxy_credentials", "proxy_refused", "proxy_failed" ->
                "The service has no way to the provider at the moment. You did nothing wrong, and nothing was stored. Tell the"
                        + " sender of the link.";
            case "interaction_required", "login_required", "consent_required" ->
                "The provider wants you to sign in or to agree first. Ask for a new link and try again.";
            default -> REASONS.getOrDefault(error, "The provider did not complete the connection.");
        };
    }

    Response tryAgain() {
        return page(
                503,
                Templates.message(
                        "Temporarily unavailable",
                        "The provider or a part of this service cannot be reached. Open your link again in a moment. If"
                                + " it no longer works, ask for a new one."));
    }

    Response pending(String again) {
        return page(202, Templates.pending(again));
    }

    Response tooMany(Duration wait) {
        return Response.fromResponse(page(
                        429,
                        Templates.message(
                                "Too many requests",
                                "Too many pages were opened from your network. Try again in a minute.")))
                .header(HttpHeaders.RETRY_AFTER, wait.toSeconds())
                .build();
    }

    Response invalidLink() {
        return page(
                404,
                Templates.message(
                        "This link does not work", "The link expired or was already used. Ask for a new one."));
    }

    Response invalidState() {
        return page(
                400,
                Templates.message(
                        "This answer is not valid",
                        "It does not belong to a connection that this browser started, or it was already used. Nothing was stored. "
                                + "Open your link again, or ask for a new one."));
    }

    private static Response page(int status, TemplateInstance template) {
        return Response.status(status)
                .type(MediaType.TEXT_HTML_TYPE.withCharset("utf-8"))
                .header("Content-Security-Policy", POLICY)
                .header("X-Frame-Options", "DENY")
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .entity(template.render())
                .build();
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "connect")
    static class Templates {
        private Templates() {}

        static native TemplateInstance home(boolean local, String base, String home);

        static native TemplateInstance connect(String provider, String user, String tenant, String start);

        static native TemplateInstance result(
                String provider, String user, boolean connected, String reason, @Nullable String error);

        static native TemplateInstance pending(String again);

        static native TemplateInstance message(String title, String text);
    }
}
