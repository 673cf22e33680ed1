package io.nexus.oauth.provider.entry;

import io.nexus.oauth.provider.entry.ProfileTerm.ExchangeStyle;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The token request that exchanges the token of a user for one of an API.
 *
 * @param call the request; what its section leaves out is as in the request that exchanges a code
 * @param style where the user's token stands
 * @param sendScope whether the requested scopes are sent
 * @param subjectTokenType the type of each subject token (RFC 8693 section 3); null leaves it to the caller
 * @param requestedTokenType the type of the token that the provider issues (RFC 8693 section 3)
 * @param identityProvider the id of the provider that issues the assertion, with {@link ExchangeStyle#ID_JAG}; else null
 * @param audience the template of the name by which that provider knows this one; null for the issuer
 * @param maxLifetime how long the service uses an issued token at most
 */
public record ExchangeCall(
        TokenCall call,
        ExchangeStyle style,
        boolean sendScope,
        @Nullable String subjectTokenType,
        String requestedTokenType,
        @Nullable String identityProvider,
        @Nullable String audience,
        Duration maxLifetime) {

    /** The type of an access token (RFC 8693 section 3). */
    public static final String ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token";

    /** The type of an assertion that names a user to another authorization server (draft-ietf-oauth-identity-assertion-authz-grant). */
    public static final String ID_JAG = "urn:ietf:params:oauth:token-type:id-jag";

    private static final String SECTION = "token_exchange";
    private static final String TOKEN_EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange";
    private static final String JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
    private static final Duration DEFAULT_LIFETIME = Duration.ofHours(1);
    private static final Duration MAX_LIFETIME = Duration.ofDays(1);

    /** The section, or null when the provider has none. */
    public static @Nullable ExchangeCall read(CatalogueSection entry, TokenCall token) {
        boolean present = entry.isMap(SECTION);
        CatalogueSection section = entry.child(SECTION);
        ExchangeStyle style = section.choice("style", ExchangeStyle.RFC8693);
        ExchangeCall own = new ExchangeCall(
                TokenCall.read(section, "POST", token, style == ExchangeStyle.RFC8693 ? TOKEN_EXCHANGE : JWT_BEARER),
                style,
                section.flag("send_scope", true),
                section.text("subject_token_type"),
                section.text("requested_token_type", ACCESS_TOKEN),
                section.text("identity_provider"),
                section.text("audience"),
                section.duration("max_lifetime", DEFAULT_LIFETIME));
        own.check(section);
        section.finish();
        return present ? own : null;
    }

    /** Whether the request has {@code parameter}, which is {@code audience}, {@code resource} or {@code scope}. */
    public boolean sends(String parameter) {
        return switch (parameter) {
            case "scope" -> sendScope && !call.omit().contains(parameter);
            case "audience" -> style == ExchangeStyle.RFC8693 && !call.omit().contains(parameter);
            default -> style != ExchangeStyle.ON_BEHALF_OF && !call.omit().contains(parameter);
        };
    }

    private void check(CatalogueSection section) {
        checkStyle(section);
        if (maxLifetime.isZero() || maxLifetime.compareTo(MAX_LIFETIME) > 0) {
            section.fault("max_lifetime", "must be 1 s to " + MAX_LIFETIME.toSeconds() + " s");
        }
    }

    private void checkStyle(CatalogueSection section) {
        boolean twoSteps = style == ExchangeStyle.ID_JAG;
        if (twoSteps && identityProvider == null) {
            section.fault("identity_provider", "is missing: style id_jag needs the provider that issues the assertion");
        }
        if (!twoSteps && (identityProvider != null || audience != null)) {
            section.fault(identityProvider == null ? "audience" : "identity_provider", "needs style id_jag");
        }
        if (style != ExchangeStyle.RFC8693 && !requestedTokenType.equals(ACCESS_TOKEN)) {
            section.fault("requested_token_type", "needs style rfc8693");
        }
    }
}
