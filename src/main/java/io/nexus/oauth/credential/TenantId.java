package io.nexus.oauth.credential;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The name of a tenant: 1 to 64 of {@code A-Z a-z 0-9 . _ -}, compared exactly.
 *
 * @param value the name
 */
public record TenantId(String value) {

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /** The tenant of installations that do not use tenants. */
    public static final TenantId DEFAULT = new TenantId("default");

    /** Throws {@link IllegalArgumentException} when the name does not have this form. */
    public TenantId {
        fault(value).ifPresent(fault -> {
            throw new IllegalArgumentException(fault);
        });
    }

    /** The tenant that the operator named in the configuration; throws as the constructor does. */
    public static TenantId configured(String name) {
        return new TenantId(name);
    }

    /** Why {@code name} is no name of a tenant; empty when it is one. */
    public static Optional<String> fault(String name) {
        return FORM.matcher(name).matches()
                ? Optional.empty()
                : Optional.of("a tenant must be 1 to 64 letters, digits, dots, underscores or hyphens, and begin with a"
                        + " letter or a digit");
    }

    @Override
    public String toString() {
        return value;
    }
}
