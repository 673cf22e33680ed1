package io.nexus.oauth.web.connect;

import io.nexus.oauth.connect.ConnectFlow;
import io.nexus.oauth.connect.PublicUrl;
import io.nexus.oauth.connect.theme.Theme;
import io.nexus.oauth.connect.theme.Themes;
import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.web.connect.Look.Frame;
import io.nexus.oauth.web.connect.Look.PopUp;
import io.nexus.oauth.web.connect.Look.ProviderMark;
import io.nexus.oauth.web.connect.ScopeWords.Permissions;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.qute.i18n.Localized;
import io.quarkus.qute.i18n.MessageBundles;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Locale;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jspecify.annotations.Nullable;

/**
 * Renders the connect pages in the person's language. Their headers forbid scripts, frames, caching and referrers. The
 * result page in a pop-up window may load one script of this service, which reports to the page that opened the window.
 */
@ApplicationScoped
class PageRenderer {

    private static final String POLICY =
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    private final boolean local;
    private final String base;
    private final String home;
    private final Themes themes;
    private final ProviderMarks marks;

    PageRenderer(
            @ConfigProperty(name = "nexus.oauth.mode", defaultValue = "production") String mode,
            @ConfigProperty(name = "nexus.oauth.home") String home,
            PublicUrl publicUrl,
            Themes themes,
            ProviderMarks marks) {
        this.local = mode.equals("local");
        this.base = publicUrl.base();
        this.home = home;
        this.themes = themes;
        this.marks = marks;
    }

    Response home(Locale locale) {
        return local
                ? page(200, Templates.local(general(Locale.ENGLISH), base, home), Locale.ENGLISH)
                : page(200, Templates.home(general(locale)), locale);
    }

    Response connect(Locale locale, ConnectFlow.Preview preview, String start) {
        ConnectSession session = preview.session();
        return page(
                200,
                Templates.connect(
                        frame(locale, session),
                        marks.of(preview.provider()),
                        session.account().user(),
                        ScopeWords.of(preview.provider(), preview.scopes(), locale, words(locale)),
                        start),
                locale);
    }

    /**
     * The result of a session that ended.
     *
     * @param again the address that opens the session again, or an empty text
     */
    Response result(Locale locale, ConnectSession session, String again) {
        Frame frame = frame(locale, session);
        ProviderMark mark = marks.of(session.account().provider());
        PopUp popUp = PopUp.of(session);
        String error = session.error();
        TemplateInstance template = error == null
                ? Templates.connected(frame, mark, popUp, session.account().user())
                : Templates.failed(frame, mark, popUp, SessionEnd.of(error), again, error);
        return page(200, template, locale, popUp == null ? POLICY : POLICY + "; script-src 'self'");
    }

    Response pending(Locale locale, String again) {
        return page(202, Templates.pending(general(locale), again), locale);
    }

    /** The flow cannot begin, because the service is not set up right. */
    Response setup(Locale locale, String code) {
        return page(503, Templates.setup(general(locale), SessionEnd.of(code), code), locale);
    }

    Response dead(Locale locale, DeadEnd end) {
        return page(end.status(), Templates.dead(general(locale), end), locale);
    }

    Response tooMany(Locale locale, Duration wait) {
        return Response.fromResponse(dead(locale, DeadEnd.TOO_MANY))
                .header(HttpHeaders.RETRY_AFTER, wait.toSeconds())
                .build();
    }

    /** The texts in {@code locale}. */
    static Words words(Locale locale) {
        return MessageBundles.get(Words.class, Localized.Literal.of(locale.toLanguageTag()));
    }

    private Frame general(Locale locale) {
        return new Frame(locale, themes.general());
    }

    private Frame frame(Locale locale, ConnectSession session) {
        Theme theme = themes.of(session.account().tenant());
        return new Frame(locale, theme);
    }

    private static Response page(int status, TemplateInstance template, Locale locale) {
        return page(status, template, locale, POLICY);
    }

    static Response page(int status, TemplateInstance template, Locale locale, String policy) {
        return Response.status(status)
                .type(MediaType.TEXT_HTML_TYPE.withCharset("utf-8"))
                .header("Content-Security-Policy", policy)
                .header("X-Frame-Options", "DENY")
                .header("X-Content-Type-Options", "nosniff")
                .header("Referrer-Policy", "no-referrer")
                .header(HttpHeaders.CACHE_CONTROL, "no-store")
                .header(HttpHeaders.CONTENT_LANGUAGE, locale.toLanguageTag())
                .entity(template.setLocale(locale).render())
                .build();
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "connect")
    static class Templates {
        private Templates() {}

        static native TemplateInstance home(Frame frame);

        static native TemplateInstance local(Frame frame, String base, String home);

        static native TemplateInstance connect(
                Frame frame, ProviderMark provider, String user, Permissions may, String start);

        static native TemplateInstance connected(
                Frame frame, ProviderMark provider, @Nullable PopUp popUp, String user);

        static native TemplateInstance failed(
                Frame frame, ProviderMark provider, @Nullable PopUp popUp, SessionEnd end, String again, String code);

        static native TemplateInstance setup(Frame frame, SessionEnd end, String code);

        static native TemplateInstance pending(Frame frame, String again);

        static native TemplateInstance dead(Frame frame, DeadEnd end);
    }
}
