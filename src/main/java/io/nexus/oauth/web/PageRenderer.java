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

/** Renders the pages, each with headers that keep scripts, frames, caches and referrers out. */
@ApplicationScoped
class PageRenderer {

    private static final String POLICY =
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    /** Fixed words for each error: nothing that came in a URL is shown. */
    private static final Map<String, String> REASONS = Map.of(
            "access_denied", "You did not allow the access. Nothing was stored.",
            "other_account",
                    "This is another account than the one that was connected before. Sign in with that one, or ask whoever sent you "
                            + "the link for one that accepts another account.",
            "identity_unavailable",
                    "The provider did not say whose account this is, so it cannot be compared with the one connected before. Allow it "
                            + "to share your profile, or try again in a moment.",
            "storage_unavailable", "The service could not store the connection. Open your link again in a moment.",
            "quota_exceeded", "No further account can be connected here. Tell whoever sent you the link.",
            "client_not_registered", "The service is not registered at this provider yet.",
            "client_changed",
                    "The service's registration at this provider was changed while you were there. Ask whoever sent you the link for a"
                            + " new one.",
            "provider_unreachable", "The provider cannot be reached now. Try again in a moment.");

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
        String reason =
                error == null ? "" : REASONS.getOrDefault(error, "The provider did not complete the connection.");
        return page(200, Templates.result(provider, session.account().user(), connected, reason, error));
    }

    Response tryAgain() {
        return page(
                503,
                Templates.message(
                        "This does not work right now",
                        "The provider or a part of this service cannot be reached. Try again in a moment; your link keeps working until "
                                + "it expires."));
    }

    Response tooMany(Duration wait) {
        return Response.fromResponse(page(
                        429,
                        Templates.message(
                                "That was a bit much",
                                "Too many pages were opened from your network. Try again in a minute.")))
                .header(HttpHeaders.RETRY_AFTER, wait.toSeconds())
                .build();
    }

    Response invalidLink() {
        return page(
                404,
                Templates.message("This link does not work", "It expired or was used already. Ask for a new one."));
    }

    Response invalidState() {
        return page(
                400,
                Templates.message(
                        "This answer does not fit",
                        "It does not belong to a connection that this browser started, or it was used already. Nothing was stored. "
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

    /** The templates, checked when the project is built. */
    @CheckedTemplate(basePath = "connect")
    static class Templates {
        private Templates() {}

        static native TemplateInstance home(boolean local, String base, String home);

        static native TemplateInstance connect(String provider, String user, String tenant, String start);

        static native TemplateInstance result(
                String provider, String user, boolean connected, String reason, @Nullable String error);

        static native TemplateInstance message(String title, String text);
    }
}
