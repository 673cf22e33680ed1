package io.nexus.oauth.access.policy;

import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.access.caller.RoleBinding;
import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.Identifiers;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.TenantId;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The roles of some callers of one issuer, as written in a file or sent to the API; {@link #faults} validates it.
 *
 * @param name its unique name
 * @param issuer the {@code iss} of the callers' tokens, or {@value #CERTIFICATE}
 * @param subject their {@code sub}, or the SPIFFE id or subject of their certificate; {@code *} stands for one or more
 *     characters other than colon, slash and comma
 * @param tenants the tenants, or {@value #EVERY} alone for every tenant
 * @param roles the names of the roles
 * @param providers limits access to credentials at these providers; null for no limit
 * @param users limits access to credentials of these users; null for no limit
 * @param scopes limits access to tokens that have no other scope; null for no limit
 */
public record Policy(
        @Nullable String name,
        @Nullable String issuer,
        @Nullable String subject,
        @Nullable List<String> tenants,
        @Nullable List<String> roles,
        @Nullable List<String> providers,
        @Nullable List<String> users,
        @Nullable List<String> scopes) {

    /** The issuer of client certificates. */
    public static final String CERTIFICATE = "certificate";

    /** Every tenant. */
    public static final String EVERY = "*";

    /** Bounds the cost of a match. */
    private static final int MAX_STARS = 4;

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    /** A policy of which only the name is known. */
    static Policy unknown(String name) {
        return new Policy(name, null, null, null, null, null, null, null);
    }

    /** The faults, each with a JSON pointer; empty when the policy is valid. */
    public List<Fault> faults() {
        List<Fault> faults = new ArrayList<>();
        check(
                faults,
                "/name",
                name,
                text -> refuse(
                        !NAME.matcher(text).matches(),
                        "must be 1 to 64 letters, digits, dots, underscores or hyphens, and begin with a letter or a digit"));
        check(faults, "/issuer", issuer, text -> Identifiers.check("an issuer", text, 2000));
        check(faults, "/subject", subject, text -> {
            Identifiers.check("a subject", text, 1000);
            refuse(text.chars().filter(c -> c == '*').count() > MAX_STARS, "must have " + MAX_STARS + " stars at most");
        });
        checkAll(faults, "/tenants", Objects.requireNonNullElse(tenants, List.of()), text -> {
            boolean every = text.equals(EVERY);
            refuse(every && Objects.requireNonNull(tenants).size() > 1, "must have * alone, or names of tenants");
            if (!every) {
                var unused = new TenantId(text);
            }
        });
        checkAll(
                faults,
                "/roles",
                Objects.requireNonNullElse(roles, List.of()),
                text -> refuse(Role.of(text).isEmpty(), "must be one of " + Role.labels()));
        checkLimits(faults);
        return faults;
    }

    private void checkLimits(List<Fault> faults) {
        if (providers != null) {
            checkAll(faults, "/providers", providers, text -> Identifiers.check("a provider", text, 64));
        }
        if (users != null) {
            checkAll(faults, "/users", users, text -> Identifiers.check("a user", text, 254));
        }
        if (scopes != null) {
            checkAll(faults, "/scopes", scopes, text -> Scopes.of(List.of(text)));
        }
        boolean limited = providers != null || users != null || scopes != null;
        if (limited && roles != null && roles.contains(Role.Names.ADMIN)) {
            faults.add(new Fault("/roles", "must not have admin together with providers, users or scopes"));
        }
    }

    /**
     * The role binding of this policy. Throws {@link NullPointerException} or {@link IllegalArgumentException} when it
     * has faults.
     */
    RoleBinding binding() {
        List<String> named = Objects.requireNonNull(tenants);
        return new RoleBinding(
                named.contains(EVERY) ? null : named.stream().map(TenantId::new).collect(Collectors.toSet()),
                Objects.requireNonNull(roles).stream()
                        .map(label -> Role.of(label).orElseThrow(IllegalArgumentException::new))
                        .collect(Collectors.toSet()),
                new AccessLimits.Part(
                        providers == null ? null : Set.copyOf(providers),
                        users == null ? null : Set.copyOf(users),
                        scopes == null ? null : Scopes.of(scopes)));
    }

    /** The pattern of the subjects that the policy applies to. */
    SubjectPattern subjects() {
        return new SubjectPattern(Objects.requireNonNull(subject));
    }

    private static void check(List<Fault> faults, String pointer, @Nullable String value, Consumer<String> rule) {
        if (value == null || value.isEmpty()) {
            faults.add(new Fault(pointer, "is required"));
            return;
        }
        try {
            rule.accept(value);
        } catch (IllegalArgumentException e) {
            faults.add(new Fault(pointer, String.valueOf(e.getMessage())));
        }
    }

    /** Rejects an empty list: some readers would take it for "none", others for "all". */
    private static void checkAll(List<Fault> faults, String pointer, List<String> values, Consumer<String> rule) {
        if (values.isEmpty()) {
            faults.add(new Fault(pointer, "must name at least one"));
        }
        values.forEach(value -> {
            if (value.isEmpty()) {
                faults.add(new Fault(pointer, "must not contain an empty text"));
            } else {
                check(faults, pointer, value, rule);
            }
        });
    }

    private static void refuse(boolean wrong, String message) {
        if (wrong) {
            throw new IllegalArgumentException(message);
        }
    }

    /** A fault at one place of the document. */
    public record Fault(String pointer, String detail) {}
}
