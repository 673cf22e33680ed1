package io.nexus.oauth.provider.oidc;

import io.nexus.oauth.provider.egress.ExchangeResult;
import io.quarkus.arc.Unremovable;
import io.quarkus.oidc.common.OidcEndpoint;
import io.quarkus.oidc.common.OidcResponseFilter;
import io.smallrye.mutiny.Uni;
import io.vertx.mutiny.core.buffer.Buffer;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;

/** Takes each response of a token or revocation endpoint from the extension before the extension reads it. */
@ApplicationScoped
@Unremovable
@OidcEndpoint({OidcEndpoint.Type.TOKEN, OidcEndpoint.Type.TOKEN_REVOCATION})
class OidcAnswers implements OidcResponseFilter {

    /** The largest response that is read. The extension has received it as a whole. */
    static final int MAX_REPLY_BYTES = 256 * 1024;

    @Override
    public Uni<Void> filter(OidcResponseFilterContext context) {
        return Uni.createFrom().failure(() -> new OidcAnswer(result(context)));
    }

    private static ExchangeResult result(OidcResponseFilterContext context) {
        Buffer body = context.responseBody();
        if (body != null && body.length() > MAX_REPLY_BYTES) {
            return new ExchangeResult.Lost("reply_too_large");
        }
        return new ExchangeResult.Complete(
                context.statusCode(),
                context.responseHeaders().getDelegate(),
                body == null ? "" : body.toString(StandardCharsets.UTF_8));
    }
}
