package io.nexus.oauth.web.connect;

import io.nexus.oauth.connect.ConnectedAccounts;
import io.nexus.oauth.connect.theme.Themes;
import io.nexus.oauth.credential.CredentialState;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.web.connect.AccountPages.Visitor;
import io.nexus.oauth.web.connect.Look.Frame;
import io.nexus.oauth.web.connect.Look.ProviderMark;
import io.nexus.oauth.web.connect.ScopeWords.Permissions;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.time.Clock;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.FormatStyle;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Renders the page of a person's connections. It has forms, which no other page for people has. */
@ApplicationScoped
class AccountRenderer {

    private static final String POLICY =
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    private final PageRenderer pages;
    private final ConnectedAccounts accounts;
    private final ProviderMarks marks;
    private final Themes themes;
    private final Clock clock;

    AccountRenderer(PageRenderer pages, ConnectedAccounts accounts, ProviderMarks marks, Themes themes, Clock clock) {
        this.pages = pages;
        this.accounts = accounts;
        this.marks = marks;
        this.themes = themes;
        this.clock = clock;
    }

    Response list(Visitor visitor, List<StoredCredential> found, @Nullable Done done) {
        List<Account> shown = found.stream().map(each -> account(visitor, each)).toList();
        return page(
                visitor,
                Templates.accounts(
                        frame(visitor),
                        visitor.visit().user(),
                        shown,
                        done,
                        accounts.formToken(visitor.cookie()),
                        visitor.visit().returnUrl() != null));
    }

    Response ask(Visitor visitor, StoredCredential found) {
        return page(
                visitor, Templates.end(frame(visitor), account(visitor, found), accounts.formToken(visitor.cookie())));
    }

    /** The cookie or the link is not valid, or not valid any more. */
    Response over(Locale locale) {
        return pages.dead(locale, DeadEnd.OVER);
    }

    Response left(Locale locale) {
        return pages.dead(locale, DeadEnd.LEFT);
    }

    Response unavailable(Locale locale) {
        return pages.dead(locale, DeadEnd.UNAVAILABLE);
    }

    private Frame frame(Visitor visitor) {
        return new Frame(visitor.locale(), themes.of(visitor.visit().tenant()));
    }

    private Account account(Visitor visitor, StoredCredential found) {
        String provider = found.account().provider();
        boolean broken = found.state(clock.instant()) == CredentialState.RECONNECT_REQUIRED;
        return new Account(
                found.key().id().toString(),
                marks.of(provider),
                Optional.ofNullable(found.identity())
                        .map(identity -> identity.label() == null ? "" : identity.label())
                        .orElse(""),
                DateTimeFormatter.ofLocalizedDate(FormatStyle.LONG)
                        .withLocale(visitor.locale())
                        .withZone(ZoneOffset.UTC)
                        .format(found.createdAt()),
                marks.profile(provider)
                        .map(profile -> ScopeWords.of(
                                profile, found.scopes(), visitor.locale(), PageRenderer.words(visitor.locale())))
                        .orElse(Permissions.of(List.of(), found.scopes().values())),
                broken);
    }

    private static Response page(Visitor visitor, TemplateInstance template) {
        return PageRenderer.page(200, template, visitor.locale(), POLICY);
    }

    /** The event before the list is shown again. */
    enum Done {
        /** A connection ended. */
        ENDED,
        /** An account is connected again. */
        CONNECTED,
        /** An account could not be connected again. */
        FAILED;

        /** The value of a parameter; null for any other text. */
        static @Nullable Done of(@Nullable String text) {
            return switch (text) {
                case "ended" -> ENDED;
                case "connected" -> CONNECTED;
                case "failed" -> FAILED;
                case null, default -> null;
            };
        }
    }

    /**
     * A connection as the page shows it.
     *
     * @param id the id of the credential
     * @param label the account at the provider, or an empty text
     * @param since the day of the first consent
     * @param may what the application may do
     * @param broken whether the person has to connect again
     */
    public record Account(
            String id, ProviderMark provider, String label, String since, Permissions may, boolean broken) {}

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "connect")
    static class Templates {
        private Templates() {}

        static native TemplateInstance accounts(
                Frame frame, String user, List<Account> accounts, @Nullable Done done, String token, boolean back);

        static native TemplateInstance end(Frame frame, Account account, String token);
    }
}
