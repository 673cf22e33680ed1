package io.nexus.oauth.provider.catalogue;

import io.nexus.oauth.provider.catalogue.ProviderProfile.Authorize;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Errors;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Identity;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Lifetimes;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Refresh;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Response;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Revoke;
import io.nexus.oauth.provider.entry.ProfileTerm.BodyFormat;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.entry.ProfileTerm.IdentitySource;
import io.nexus.oauth.provider.entry.ProfileTerm.Pkce;
import io.nexus.oauth.provider.entry.ProfileTerm.RevokeStyle;
import io.nexus.oauth.provider.entry.ProfileTerm.Rotation;
import io.nexus.oauth.provider.entry.ProfileTerm.TokenKind;
import io.nexus.oauth.provider.entry.ProfileTerm.Unit;
import io.nexus.oauth.provider.entry.TokenCall;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The parts of a profile when the catalogue does not set them. */
final class ProfileDefaults {

    static final Authorize AUTHORIZE = new Authorize(
            null,
            Map.of(),
            " ",
            Map.of("scope", "scope"),
            List.of(),
            Map.of(),
            Set.of(),
            Pkce.SUPPORTED,
            false,
            Map.of());
    static final TokenCall TOKEN_CALL = new TokenCall(
            null,
            "POST",
            ClientAuth.POST,
            BodyFormat.FORM,
            Map.of(),
            Map.of(),
            Map.of(),
            Set.of(),
            "authorization_code");
    static final Refresh REFRESH =
            new Refresh(TOKEN_CALL, false, Rotation.MAYBE, Duration.ZERO, false, false, Duration.ZERO);
    static final Response RESPONSE = new Response(Map.of("error", "/error"), Unit.S, null, null, null, List.of());
    static final Lifetimes LIFETIMES = new Lifetimes(null, false, null, null, null);
    static final Revoke REVOKE = new Revoke(
            RevokeStyle.NONE,
            null,
            "POST",
            ClientAuth.NONE,
            BodyFormat.FORM,
            "token",
            TokenKind.REFRESH,
            Map.of(),
            false);
    static final Identity IDENTITY = new Identity(
            IdentitySource.USERINFO, null, "GET", Map.of(), null, "Bearer", null, List.of(), null, List.of());
    static final Errors ERRORS = new Errors(Set.of("invalid_grant"), Set.of(), Set.of());

    private ProfileDefaults() {}
}
