/**
 * The pages of operators. They call the resources of the API, so access control and data access exist only once. Those
 * that a user sees while connecting an account are in {@code web.connect}.
 *
 * <p>Page texts stand in the templates ({@code src/main/resources/templates}). Texts that depend on a failure or a
 * status stand beside the code that decides: notices in {@code PageLayouts}, badges in {@code StatusBadge}; a problem
 * shows the title of its {@code ProblemType} and the detail of the API. Must not: use {@code store} or decide a
 * permission.
 */
@NullMarked
package io.nexus.oauth.web;

import org.jspecify.annotations.NullMarked;
