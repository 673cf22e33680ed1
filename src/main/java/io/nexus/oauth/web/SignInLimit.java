package io.nexus.oauth.web;

import io.nexus.oauth.web.connect.AddressLimit;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Limits how often one address may try to sign in. */
@ApplicationScoped
class SignInLimit {

    private final AddressLimit limit;

    /**
     * @param maxAttempts how often one address or network may try to sign in to the pages in a minute; addresses count as for
     *     {@code connect-requests}. {@code 0}: nobody can sign in
     */
    SignInLimit(@ConfigProperty(name = "nexus.oauth.limits.sign-ins", defaultValue = "30") int maxAttempts) {
        this.limit = new AddressLimit(maxAttempts);
    }

    /** Counts an attempt. Returns whether it is within the limit per minute. */
    boolean admits(HttpServerRequest request) {
        return limit.admits(request.remoteAddress());
    }
}
