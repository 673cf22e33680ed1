package io.nexus.oauth.rest;

import io.nexus.oauth.api.Problem;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.ProviderCatalogue;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects the errors of a request, so that the caller learns all of them at once. */
final class InputErrors {

    /** The detail when a request exceeds the limits of the caller's roles. */
    static final String OUTSIDE_ACCESS_LIMITS =
            "the caller's roles do not cover this provider, this user or these scopes";

    /** The detail when the catalogue does not have the provider. */
    static final String UNKNOWN_PROVIDER = "is not a known provider. GET /api/v1/providers lists the ids";

    private final List<Problem.Error> errors = new ArrayList<>();

    /** {@code value}; adds an error and returns an empty text when it is missing. */
    String required(String pointer, @Nullable String value) {
        if (value == null || value.isBlank()) {
            errors.add(new Problem.Error(pointer, "is required"));
            return "";
        }
        return value;
    }

    /** The result of {@code conversion}. If it throws, adds an error with its message and returns {@code otherwise}. */
    <T> T converted(String pointer, T otherwise, Supplier<T> conversion) {
        try {
            return conversion.get();
        } catch (IllegalArgumentException e) {
            errors.add(new Problem.Error(pointer, String.valueOf(e.getMessage())));
            return otherwise;
        }
    }

    /** A number of seconds from 0 to {@code max}; empty when {@code text} is null. Adds an error for other text. */
    Optional<Duration> seconds(String name, @Nullable String text, long max) {
        if (text == null) {
            return Optional.empty();
        }
        return converted(name, Optional.empty(), () -> {
            if (!text.matches("[0-9]{1,6}") || Long.parseLong(text) > max) {
                throw new IllegalArgumentException("must be a whole number of seconds from 0 to " + max);
            }
            return Optional.of(Duration.ofSeconds(Long.parseLong(text)));
        });
    }

    /** The account that a body names. Adds errors and returns empty when it names no valid account. */
    Optional<AccountKey> account(
            ProviderCatalogue catalogue, TenantId tenant, @Nullable String provider, @Nullable String user) {
        String providerId = required("/provider", provider);
        String userName = required("/user", user);
        refuse(!providerId.isEmpty() && catalogue.find(providerId).isEmpty(), "/provider", UNKNOWN_PROVIDER);
        return providerId.isEmpty() || userName.isEmpty()
                ? Optional.empty()
                : converted("/user", Optional.empty(), () -> Optional.of(new AccountKey(tenant, providerId, userName)));
    }

    void refuse(boolean wrong, String pointer, String detail) {
        if (wrong) {
            errors.add(new Problem.Error(pointer, detail));
        }
    }

    /** Throws {@link InvalidRequest} when there are errors. */
    void check() {
        if (!errors.isEmpty()) {
            throw new InvalidRequest(errors);
        }
    }
}
