package io.nexus.oauth.rest;

import io.nexus.oauth.api.Problem;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.ProviderCatalogue;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Collects what is wrong with a request, so that its sender hears everything at once. */
final class InputErrors {

    /** Why something that the caller wants to make is refused. */
    static final String BEYOND_REACH = "the caller's grants do not cover this provider, user or these scopes";

    private final List<Problem.Error> errors = new ArrayList<>();

    /** {@code value}, or an empty text and an error when it is missing. */
    String required(String pointer, @Nullable String value) {
        if (value == null || value.isBlank()) {
            errors.add(new Problem.Error(pointer, "is required"));
            return "";
        }
        return value;
    }

    /** What {@code conversion} makes, or {@code otherwise} and an error with its message when it refuses. */
    <T> T converted(String pointer, T otherwise, Supplier<T> conversion) {
        try {
            return conversion.get();
        } catch (IllegalArgumentException e) {
            errors.add(new Problem.Error(pointer, String.valueOf(e.getMessage())));
            return otherwise;
        }
    }

    /** The account that a body names; empty, with errors, when it names none that could be. */
    Optional<AccountKey> account(
            ProviderCatalogue catalogue, TenantId tenant, @Nullable String provider, @Nullable String user) {
        String providerId = required("/provider", provider);
        String userName = required("/user", user);
        refuse(
                !providerId.isEmpty() && catalogue.find(providerId).isEmpty(),
                "/provider",
                "there is no provider of that name");
        return providerId.isEmpty() || userName.isEmpty()
                ? Optional.empty()
                : converted("/user", Optional.empty(), () -> Optional.of(new AccountKey(tenant, providerId, userName)));
    }

    void refuse(boolean wrong, String pointer, String detail) {
        if (wrong) {
            errors.add(new Problem.Error(pointer, detail));
        }
    }

    /** Throws when anything was wrong. */
    void check() {
        if (!errors.isEmpty()) {
            throw new InvalidRequest(errors);
        }
    }
}
