package io.nexus.oauth.web.connect;

import io.nexus.oauth.connect.theme.ThemeFile;
import io.nexus.oauth.connect.theme.Themes;
import jakarta.annotation.security.PermitAll;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.Response;

/** The logos and stylesheets of the themes. Their names change with their content. */
@Path("/assets/theme")
@PermitAll
class ThemeFiles {

    /** An SVG that somebody opens by itself runs no script either. */
    private static final String POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

    private final Themes themes;

    ThemeFiles(Themes themes) {
        this.themes = themes;
    }

    @GET
    @Path("{file}")
    public Response file(@PathParam("file") String name) {
        ThemeFile file = themes.file(name).orElseThrow(NotFoundException::new);
        return Response.ok(file.content(), file.type())
                .header(HttpHeaders.CACHE_CONTROL, "public, max-age=31536000, immutable")
                .header("Content-Security-Policy", POLICY)
                .header("X-Content-Type-Options", "nosniff")
                .build();
    }
}
