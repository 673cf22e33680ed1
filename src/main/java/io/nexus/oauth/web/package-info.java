/**
 * The pages: those that a user sees while connecting an account, and those of operators. The operators' pages call the resources
 * of the API, so access control and data access exist only once.
 */
@NullMarked
package io.nexus.oauth.web;

import org.jspecify.annotations.NullMarked;
