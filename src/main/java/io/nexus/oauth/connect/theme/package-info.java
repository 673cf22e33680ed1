/**
 * The look of the pages for people who connect an account: the organisation's name, logo, accent colour, colour scheme
 * and support contact, from settings, with overrides by tenant. The pages themselves are in {@code web.connect}. Must
 * not: know a page or a language.
 */
@NullMarked
package io.nexus.oauth.connect.theme;

import org.jspecify.annotations.NullMarked;
