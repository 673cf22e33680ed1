package io.nexus.oauth.web;

import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.KeysView;
import io.nexus.oauth.api.RotationView;
import io.nexus.oauth.rest.KeyResource;
import io.quarkus.qute.CheckedTemplate;
import io.quarkus.qute.TemplateInstance;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import org.eclipse.microprofile.openapi.annotations.Operation;
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** The master keys, by their ids, and how far their rotation is. */
@Path("/ui/keys")
@Cancellable(false)
@RolesAllowed(Role.Names.ADMIN)
class KeyPages {

    private final KeyResource keys;
    private final PageLayouts layouts;

    KeyPages(KeyResource keys, PageLayouts layouts) {
        this.keys = keys;
        this.layouts = layouts;
    }

    /** All of it. */
    @GET
    @Operation(hidden = true)
    public Uni<Response> list(@Context HttpServerRequest request) {
        return Uni.createFrom()
                .deferred(keys::list)
                .map(view -> PageResponses.of(Templates.keys(layouts.of(request), view, Progress.of(view.rotation()))));
    }

    /** How far the rotation is: the part of the page that a script asks for again while one is running. */
    @GET
    @Path("/rotation")
    @Operation(hidden = true)
    public Uni<Response> rotation(@Context HttpServerRequest request) {
        return Uni.createFrom()
                .deferred(keys::list)
                .map(view -> PageResponses.of(Templates.rotation(layouts.of(request), Progress.of(view.rotation()))));
    }

    /** Begins a rotation, or resumes what is running. */
    @POST
    @Path("/rotate")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    @Operation(hidden = true)
    public Uni<Response> rotate(@Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        return Uni.createFrom()
                .deferred(keys::rotate)
                .map(begun -> layouts.done(request, form, "/ui/keys", "rotating"));
    }

    /**
     * How far a rotation is.
     *
     * @param rotation the newest, or null when there was none
     * @param percent of its rows, 0 to 100
     */
    public record Progress(@Nullable RotationView rotation, int percent) {

        static Progress of(@Nullable RotationView rotation) {
            if (rotation == null) {
                return new Progress(null, 0);
            }
            Long total = rotation.total();
            boolean done = rotation.state().equals("done");
            int percent = total == null || total == 0 ? 0 : (int) Math.min(99, rotation.done() * 100 / total);
            return new Progress(rotation, done ? 100 : percent);
        }

        /** Whether it goes on. */
        public boolean isRunning() {
            return rotation != null && rotation.state().equals("running");
        }
    }

    /** The templates, checked when the project is built. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance keys(PageLayout frame, KeysView keys, Progress progress);

        static native TemplateInstance rotation(PageLayout frame, Progress progress);
    }
}
