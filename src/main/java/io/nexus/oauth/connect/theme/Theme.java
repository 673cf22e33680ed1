package io.nexus.oauth.connect.theme;

import org.jspecify.annotations.Nullable;

/**
 * The look of the pages for one tenant.
 *
 * @param name the organisation or application that asks for access, or null
 * @param scheme {@code auto}, {@code light} or {@code dark}
 * @param contact an e-mail address or an https URL, or null
 * @param logo the file with the logo, or null
 * @param style the stylesheet with the accent colour, or null
 */
public record Theme(
        @Nullable String name,
        String scheme,
        @Nullable String contact,
        @Nullable ThemeFile logo,
        @Nullable ThemeFile style) {

    /** The address of the contact: {@code mailto:} for an e-mail address; empty when there is no contact. */
    public String contactUrl() {
        if (contact == null) {
            return "";
        }
        return contact.startsWith("https://") ? contact : "mailto:" + contact;
    }

    /** The contact as a person reads it; empty when there is none. */
    public String contactText() {
        return contact == null ? "" : contact.replaceFirst("^https://", "").replaceFirst("/$", "");
    }
}
