package io.nexus.oauth.provider.catalogue;

import io.nexus.oauth.credential.GrantType;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.TokenRequest;
import io.nexus.oauth.provider.entry.JwtBearer;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The grants of machine connections that a provider has. */
public final class MachineGrantRules {

    private MachineGrantRules() {}

    /** Throws {@link IllegalArgumentException} when a machine connection of {@code profile} cannot have {@code request}. */
    public static void check(ProviderProfile profile, TokenRequest request) {
        GrantType type = check(profile, request.grantType());
        checkScopes(profile, type, request.scopes());
        if (request.audience() != null || !request.resources().isEmpty()) {
            targetFault(profile, type).ifPresent(fault -> {
                throw new IllegalArgumentException(fault);
            });
        }
        if (type == GrantType.JWT_BEARER) {
            checkSubject(profile, request.subject());
        }
    }

    /** Throws {@link IllegalArgumentException}, with the list of those that are there, when {@code type} is none of {@code profile}. */
    public static GrantType check(ProviderProfile profile, GrantType type) {
        if (!has(profile, type)) {
            throw new IllegalArgumentException("must be one of "
                    + Arrays.stream(GrantType.values())
                            .filter(each -> has(profile, each))
                            .map(GrantType::value)
                            .collect(Collectors.joining(", "))
                    + " for a machine connection at " + profile.id());
        }
        return type;
    }

    private static boolean has(ProviderProfile profile, GrantType type) {
        return switch (type) {
            case AUTHORIZATION_CODE -> false;
            case CLIENT_CREDENTIALS -> true;
            case JWT_BEARER -> profile.jwtBearer() != null;
        };
    }

    /**
     * Throws {@link IllegalArgumentException} when the request does not send {@code scopes}: the token would have others than the service
     * tells its callers.
     */
    public static Scopes checkScopes(ProviderProfile profile, GrantType type, Scopes scopes) {
        if (!scopes.isEmpty() && !sendsScopes(profile, type)) {
            throw new IllegalArgumentException(
                    "must be left out: the provider " + profile.id() + " takes no scopes with this grant");
        }
        return scopes;
    }

    /** The fault of an audience, or of resources, when the request does not send them; empty when it does. */
    public static Optional<String> targetFault(ProviderProfile profile, GrantType type) {
        JwtBearer grant = profile.jwtBearer();
        return type == GrantType.JWT_BEARER && grant != null && !grant.sendsTarget()
                ? Optional.of("must be left out: the provider " + profile.id() + " takes none with this grant")
                : Optional.empty();
    }

    private static boolean sendsScopes(ProviderProfile profile, GrantType type) {
        JwtBearer grant = profile.jwtBearer();
        return switch (type) {
            case AUTHORIZATION_CODE -> true;
            case CLIENT_CREDENTIALS -> profile.clientCredentials().sendScope();
            case JWT_BEARER -> grant == null || grant.sendsScopes();
        };
    }

    /** Throws {@link IllegalArgumentException} when {@code profile} does not take {@code subject}, or misses one. */
    public static void checkSubject(ProviderProfile profile, @Nullable String subject) {
        JwtBearer grant = profile.jwtBearer();
        if (grant != null) {
            grant.subject().fault(subject).ifPresent(fault -> {
                throw new IllegalArgumentException(fault);
            });
        }
    }
}
