package io.nexus.oauth.web;

import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.ConnectSessionRequest;
import io.nexus.oauth.api.ConnectSessionView;
import io.nexus.oauth.api.CredentialView;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.rest.ConnectSessionResource;
import io.nexus.oauth.rest.CredentialResource;
import io.nexus.oauth.rest.DenialFilter;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.quarkus.security.ForbiddenException;
import io.smallrye.mutiny.Multi;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One action for the selected credentials of the list. The page is sent in parts: a row for each credential as soon as its action
 * has ended, so it shows the progress without a script. Each action is that of the single credential, with its permission. When the
 * browser leaves, running actions end and no other one starts.
 */
@Path("/ui/credentials/selected")
class BulkPages {

    /** As many as one page of the list shows. */
    private static final int MAX_SELECTED = 25;

    /** Actions at the same time, of one form. */
    private static final int CONCURRENCY = 5;

    /** The place of the rows in the template. */
    private static final String ROWS = "<!-- rows -->";

    private final CredentialResource credentials;
    private final ConnectSessionResource sessions;
    private final DenialFilter denials;
    private final PageLayouts layouts;

    BulkPages(
            CredentialResource credentials,
            ConnectSessionResource sessions,
            DenialFilter denials,
            PageLayouts layouts) {
        this.credentials = credentials;
        this.sessions = sessions;
        this.denials = denials;
        this.layouts = layouts;
    }

    /** Does {@code name} for each selected credential. A revocation asks first. */
    @POST
    @Path("/{name}")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @Produces(MediaType.TEXT_HTML)
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    public Multi<byte[]> act(
            @PathParam("name") String name, @Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        Action action = Stream.of(Action.values())
                .filter(each -> each.path().equals(name))
                .findFirst()
                .orElseThrow(NotFoundException::new);
        PageLayout layout = layouts.of(request);
        if (action == Action.LINKS && !layout.may(Role.Names.CONNECTOR)) {
            throw new ForbiddenException();
        }
        List<UUID> ids = ids(form);
        Selection selection = new Selection(
                action, ids, ReturnPath.to(form.given("back"), layout.to("/ui/credentials")), form.text("confirm"));
        if (ids.isEmpty()) {
            return PageResponses.parts(303, Multi.createFrom().empty())
                    .header("Location", ReturnPath.with(selection.back(), "none-selected"))
                    .build();
        }
        return selection.isConfirmed() ? run(layout, selection, request) : ask(layout, selection);
    }

    private static List<UUID> ids(PostedForm form) {
        List<String> selected = form.all("id");
        if (selected.size() > MAX_SELECTED) {
            throw new IllegalArgumentException("select " + MAX_SELECTED + " credentials at most");
        }
        return selected.stream().map(UUID::fromString).toList();
    }

    private Multi<byte[]> ask(PageLayout layout, Selection selection) {
        Multi<String> page = each(selection, id -> credentials.get(id).map(Optional::of))
                .collect()
                .asList()
                .map(all -> all.stream().flatMap(Optional::stream).toList())
                .map(found -> Templates.bulkConfirmation(layout, selection.existing(found), found)
                        .render())
                .toMulti();
        return PageResponses.parts(selection.typed().isEmpty() ? 200 : 400, page)
                .build();
    }

    private Multi<byte[]> run(PageLayout layout, Selection selection, HttpServerRequest request) {
        String[] frame = Templates.bulk(layout, selection).render().split(ROWS, 2);
        Tally tally = new Tally();
        Multi<String> rows = each(
                        selection, id -> row(selection.action(), id, request).map(Optional::of))
                .map(row -> Templates.bulkRow(tally.add(row.orElseThrow())).render());
        Multi<String> end = Multi.createFrom()
                .item(() -> Templates.bulkEnd(layout, selection, tally).render() + frame[1]);
        return PageResponses.parts(
                        200,
                        Multi.createBy()
                                .concatenating()
                                .streams(Multi.createFrom().item(frame[0]), rows, end))
                .build();
    }

    /** The results for the selected credentials, in the order of their ends; empty for a credential that does not exist. */
    private static <T> Multi<Optional<T>> each(Selection selection, Function<UUID, Uni<Optional<T>>> work) {
        return Multi.createFrom()
                .iterable(selection.ids())
                .onItem()
                .transformToUni(id -> Uni.createFrom()
                        .deferred(() -> work.apply(id))
                        .onFailure(CredentialException.NotFound.class)
                        .recoverWithItem(Optional.empty()))
                .merge(CONCURRENCY);
    }

    private Uni<Row> row(Action action, UUID id, HttpServerRequest request) {
        return credentials
                .get(id)
                .chain(found -> Uni.createFrom()
                        .deferred(() -> work(action, id))
                        .onFailure(BulkOutcome::isDenied)
                        .invoke(() -> denials.record("POST /ui/credentials/selected/" + action.path(), request))
                        .onFailure()
                        .recoverWithItem(BulkOutcome::failed)
                        .map(outcome -> new Row(id, found.user() + " at " + found.provider(), outcome)))
                .onFailure()
                .recoverWithItem(failure -> new Row(id, id.toString(), BulkOutcome.failed(failure)));
    }

    private Uni<BulkOutcome> work(Action action, UUID id) {
        return switch (action) {
            case TEST -> credentials.test(id).map(result -> BulkOutcome.of("test-" + result.provider()));
            case REFRESH ->
                credentials.refresh(id).map(found -> BulkOutcome.of(CredentialPages.refreshed(found.warning())));
            case REVOKE ->
                credentials.revoke(id).map(result -> BulkOutcome.of(CredentialPages.revoked(result.atProvider())));
            case LINKS ->
                sessions.begin(new ConnectSessionRequest(
                                null, null, id, null, null, null, false, null, null, null, null))
                        .map(made -> made.getEntity() instanceof ConnectSessionView session
                                ? new BulkOutcome("good", "Send this link to the owner.", session.url())
                                : BulkOutcome.failed(new IllegalStateException("no link")));
        };
    }

    /** The actions on several credentials. */
    public enum Action {
        /** Tests the tokens at the provider. */
        TEST("test", "Test"),
        /** Refreshes the tokens. */
        REFRESH("refresh", "Refresh"),
        /** Creates links with which the owners connect the accounts again. */
        LINKS("links", "Make reconnect links for"),
        /** Revokes the credentials. */
        REVOKE("revoke", "Revoke");

        private final String path;
        private final String words;

        Action(String path, String words) {
            this.path = path;
            this.words = words;
        }

        /** The name in addresses. */
        public String path() {
            return path;
        }

        /** The name for people. */
        public String words() {
            return words;
        }
    }

    /**
     * The form of one action.
     *
     * @param action the action
     * @param ids the selected credentials
     * @param back the page of the list
     * @param typed what the operator typed to confirm, or empty
     */
    public record Selection(Action action, List<UUID> ids, String back, String typed) {

        /** The text that confirms the action. */
        public String phrase() {
            return action.path() + " " + ids.size();
        }

        /** The action and the number of its credentials. */
        public String title() {
            return action.words() + " " + ids.size() + (ids.size() == 1 ? " credential" : " credentials");
        }

        Selection existing(List<CredentialView> found) {
            return new Selection(action, found.stream().map(CredentialView::id).toList(), back, typed);
        }

        boolean isConfirmed() {
            return action != Action.REVOKE || typed.equals(phrase());
        }
    }

    /** A row of the page. */
    public record Row(UUID id, String name, BulkOutcome outcome) {}

    /** Counts the results while the page is sent. */
    public static final class Tally {

        private final Map<String, Integer> kinds = new ConcurrentHashMap<>();

        Row add(Row row) {
            kinds.merge(row.outcome().kind(), 1, Integer::sum);
            return row;
        }

        /** How many were successful. */
        public int good() {
            return kinds.getOrDefault("good", 0);
        }

        /** How many were not. */
        public int others() {
            return kinds.values().stream().mapToInt(Integer::intValue).sum() - good();
        }
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance bulk(PageLayout layout, Selection selection);

        static native TemplateInstance bulkRow(Row row);

        static native TemplateInstance bulkEnd(PageLayout layout, Selection selection, Tally tally);

        static native TemplateInstance bulkConfirmation(
                PageLayout layout, Selection selection, List<CredentialView> found);
    }
}
