/**
 * The pages: those that a user sees while connecting an account, and those of operators. The operators' pages call the
 * resources of the API, so access control and data access exist only once.
 *
 * <p>Page texts stand in the templates ({@code src/main/resources/templates}). Texts that depend on a failure or a
 * status stand beside the code that decides: notices in {@code PageLayouts}, reasons in {@code PageRenderer}, badges
 * in {@code StatusBadge}; a problem shows the title of its {@code ProblemType} and the detail of the API. Must not:
 * use {@code store} or decide a permission.
 */
@NullMarked
package io.nexus.oauth.web;

import org.jspecify.annotations.NullMarked;
