package io.nexus.oauth.access.issuer;

import io.nexus.oauth.access.caller.IssuerConfig;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.access.caller.RoleBinding;
import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.Identifiers;
import io.nexus.oauth.credential.TenantId;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Maps the claims of a verified token to a subject and role bindings. An unclear claim gives no role. */
final class ClaimMapping {

    private static final int MAX_SUBJECT_LENGTH = 1000;
    private static final int MAX_USER_LENGTH = 254;
    private static final int MAX_LABEL_LENGTH = 80;

    /** The claims that name a person, in the order of preference (OpenID Connect Core 1.0 section 5.1). */
    private static final List<String> NAMES = List.of("name", "preferred_username", "email");

    private final IssuerConfig config;

    ClaimMapping(IssuerConfig config) {
        this.config = config;
    }

    /** The settings as a text that differs when any setting differs. */
    String terms() {
        return new JsonObject()
                .put("subject", config.subjectClaim())
                .put("tenants", config.tenantClaim().orElse(null))
                .put("tenant", config.tenant().orElse(null))
                .put("claim", config.rolesClaim().orElse(null))
                .put("roles", new JsonObject(new TreeMap<>(config.roles())))
                .put("audience", config.audience()) // an access token for it can have the roles of a person, too
                .put("id tokens", config.acceptIdTokens())
                .encode();
    }

    /** The caller's subject; empty when the claim is missing or is not a valid name for the audit trail. */
    Optional<String> subject(Map<String, Object> claims) {
        if (!(find(claims, config.subjectClaim()) instanceof String subject)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Identifiers.check("subject", subject, MAX_SUBJECT_LENGTH));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /**
     * The name of a person for the pages: that of the first name claim that has one; empty when there is none. No permission depends
     * on it, because people may choose it.
     */
    Optional<String> label(List<Map<String, Object>> sources) {
        return config.signIn().flatMap(IssuerConfig.SignIn::nameClaim).map(List::of).orElse(NAMES).stream()
                .map(path -> find(sources, path))
                .flatMap(found -> texts(found).stream())
                .map(ClaimMapping::printable)
                .filter(name -> !name.isEmpty())
                .findFirst();
    }

    /** Without control and invisible characters, of a bounded length. */
    private static String printable(String name) {
        String visible = name.replaceAll("[\\p{C}\\s]+", " ").strip();
        return visible.codePointCount(0, visible.length()) <= MAX_LABEL_LENGTH
                ? visible
                : visible.substring(0, visible.offsetByCodePoints(0, MAX_LABEL_LENGTH)) + "…";
    }

    /** Whether {@code sources} lack a claim that roles or tenants come from. */
    boolean lacksPermissions(List<Map<String, Object>> sources) {
        return config.rolesClaim().isPresent()
                && Stream.of(config.rolesClaim(), config.tenantClaim())
                        .flatMap(Optional::stream)
                        .anyMatch(path -> find(sources, path) == null);
    }

    /**
     * The role bindings that follow from claims alone.
     *
     * @param sources verified claims about one person; the first source that has a claim decides it
     */
    List<RoleBinding> bindings(List<Map<String, Object>> sources) {
        Set<Role> roles = config.rolesClaim()
                .map(path -> roles(texts(find(sources, path))))
                .orElse(Set.of());
        Set<TenantId> tenants = tenants(sources);
        return roles.isEmpty() || tenants.isEmpty()
                ? List.of()
                : List.of(new RoleBinding(tenants, roles, AccessLimits.Part.ALL));
    }

    /** The tenants in verified claims about one person: none when the settings name neither a tenant nor a claim. */
    Set<TenantId> tenants(List<Map<String, Object>> sources) {
        Set<TenantId> tenants = new HashSet<>();
        config.tenant().ifPresent(name -> tenants.add(new TenantId(name)));
        config.tenantClaim()
                .ifPresent(path ->
                        texts(find(sources, path)).forEach(name -> tenant(name).ifPresent(tenants::add)));
        return tenants;
    }

    /** Whether the settings say to which tenants a caller belongs. */
    boolean namesTenants() {
        return config.tenant().isPresent() || config.tenantClaim().isPresent();
    }

    /** The user of the claim {@code path}; empty when it is missing, is no valid name, or is an address that nobody verified. */
    static Optional<String> user(Map<String, Object> claims, String path) {
        boolean isAddress = path.equals("email") || path.endsWith("/email");
        String verified = path.substring(0, path.length() - (isAddress ? "email".length() : 0)) + "email_verified";
        if ((isAddress && !Boolean.TRUE.equals(find(claims, verified)))
                || !(find(claims, path) instanceof String user)) {
            return Optional.empty();
        }
        try {
            return Optional.of(Identifiers.check("user", user, MAX_USER_LENGTH));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private Set<Role> roles(List<String> issuerRoles) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        config.roles().forEach((role, names) -> {
            if (names.stream().anyMatch(issuerRoles::contains)) {
                Role.of(role).ifPresent(roles::add);
            }
        });
        return roles;
    }

    private static Optional<TenantId> tenant(String name) {
        try {
            return Optional.of(new TenantId(name));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static @Nullable Object find(List<Map<String, Object>> sources, String path) {
        return sources.stream()
                .map(claims -> find(claims, path))
                .filter(Objects::nonNull)
                .findFirst()
                .orElse(null);
    }

    /** The claim with the name {@code path}, or at a path such as {@code /realm_access/roles}. */
    private static @Nullable Object find(Map<String, Object> claims, String path) {
        if (!path.startsWith("/")) {
            return claims.get(path);
        }
        Object at = claims;
        for (String step : path.substring(1).split("/", -1)) {
            at = at instanceof Map<?, ?> map ? map.get(step.replace("~1", "/").replace("~0", "~")) : null;
        }
        return at;
    }

    private static List<String> texts(@Nullable Object claim) {
        if (claim instanceof String text) {
            return List.of(text);
        }
        List<String> texts = new ArrayList<>();
        if (claim instanceof Collection<?> all) {
            all.forEach(each -> {
                if (each instanceof String text) {
                    texts.add(text);
                }
            });
        }
        return texts;
    }
}
