/**
 * The pages: those a person sees while connecting an account, and those of who runs the service. The latter show and change what the API
 * shows and changes, by calling its resources: there is one place for who may do what, and no second way to the data.
 */
@NullMarked
package io.nexus.oauth.web;

import org.jspecify.annotations.NullMarked;
