package io.nexus.oauth.connect.theme;

import io.smallrye.config.ConfigMapping;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The look of the pages for people who connect an account. */
@ConfigMapping(prefix = "nexus.oauth.theme")
interface ThemeConfig {

    /** The name of your organisation or application, 60 characters at most. The pages say that it asks for access. */
    Optional<String> name();

    /** A file with your logo: PNG, JPEG or SVG, 64 KiB at most. The service reads it at the start and serves it itself. */
    Optional<Path> logo();

    /**
     * The colour of buttons, as {@code #rrggbb}. The service chooses black or white for the text on it, and darkens or lightens the
     * colour of links until they have a contrast of 4.5 to 1 (WCAG 2.2, AA).
     */
    Optional<String> accent();

    /** {@code auto} (the default: the browser's choice), {@code light} or {@code dark}. */
    Optional<String> scheme();

    /** Where people get help: an e-mail address, or an https URL. Without it the pages name the sender of the link. */
    Optional<String> contact();

    /** Other values for single tenants, by the id of the tenant. */
    Map<String, Tenant> tenants();

    /** The values of one tenant. A value that is missing here is that of all tenants. */
    interface Tenant {

        /** The name that this tenant's users see. */
        Optional<String> name();

        /** The logo that this tenant's users see. */
        Optional<Path> logo();

        /** The accent colour for this tenant. */
        Optional<String> accent();

        /** The colour scheme for this tenant. */
        Optional<String> scheme();

        /** Where this tenant's users get help. */
        Optional<String> contact();
    }
}
