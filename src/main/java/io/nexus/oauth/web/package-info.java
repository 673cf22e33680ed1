/**
 * The pages a person sees while connecting an account.
 */
@NullMarked
package io.nexus.oauth.web;

import org.jspecify.annotations.NullMarked;
