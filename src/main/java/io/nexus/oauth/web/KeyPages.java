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
import org.jboss.resteasy.reactive.server.Cancellable;
import org.jspecify.annotations.Nullable;

/** The page of the master keys and their rotation. */
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

    /** Shows the keys and the rotation. */
    @GET
    public Uni<Response> list(@Context HttpServerRequest request) {
        return Uni.createFrom()
                .deferred(keys::list)
                .map(view -> PageResponses.of(Templates.keys(layouts.of(request), view, Progress.of(view.rotation()))));
    }

    /** Shows the progress of the rotation. The script of the page polls it while a rotation runs. */
    @GET
    @Path("/rotation")
    public Uni<Response> rotation(@Context HttpServerRequest request) {
        return Uni.createFrom()
                .deferred(keys::list)
                .map(view -> PageResponses.of(Templates.rotation(layouts.of(request), Progress.of(view.rotation()))));
    }

    /** Starts a rotation, or resumes an unfinished one. */
    @POST
    @Path("/rotate")
    @Consumes(MediaType.APPLICATION_FORM_URLENCODED)
    public Uni<Response> rotate(@Nullable String body, @Context HttpServerRequest request) {
        PostedForm form = layouts.form(request, body);
        return Uni.createFrom()
                .deferred(keys::rotate)
                .map(begun -> layouts.done(request, form, "/ui/keys", "rotating"));
    }

    /**
     * The progress of a rotation.
     *
     * @param rotation the latest rotation, or null
     * @param percent the percentage of its rows, 0 to 100
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

        /** Whether the rotation is running. */
        public boolean isRunning() {
            return rotation != null && rotation.state().equals("running");
        }
    }

    /** The templates, checked at build time. */
    @CheckedTemplate(basePath = "ui")
    static class Templates {
        private Templates() {}

        static native TemplateInstance keys(PageLayout layout, KeysView keys, Progress progress);

        static native TemplateInstance rotation(PageLayout layout, Progress progress);
    }
}
