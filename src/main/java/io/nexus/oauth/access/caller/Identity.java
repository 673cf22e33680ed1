package io.nexus.oauth.access.caller;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.TenantId;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * Whom a trusted issuer says a caller is.
 *
 * @param issuer its {@code iss}
 * @param name for the audit trail
 * @param subject what policies call the caller
 * @param claimed what the claims alone grant
 */
public record Identity(String issuer, String name, String subject, List<RoleBinding> claimed) {

    /** Copies the list. */
    public Identity {
        claimed = List.copyOf(claimed);
    }

    /** As a text that {@link #parse} reads. The grants of claims reach every credential of tenants that they name. */
    public String text() {
        JsonArray grants = new JsonArray();
        for (RoleBinding grant : claimed) {
            Set<TenantId> tenants = grant.tenants() == null ? Set.of() : grant.tenants();
            grants.add(new JsonObject()
                    .put("tenants", sorted(tenants, TenantId::value))
                    .put("roles", sorted(grant.roles(), Role::label)));
        }
        return new JsonObject()
                .put("issuer", issuer)
                .put("name", name)
                .put("subject", subject)
                .put("grants", grants)
                .encode();
    }

    /** The identity of {@code text}, which {@link #text} made. */
    public static Identity parse(String text) {
        JsonObject object = new JsonObject(text);
        return new Identity(
                object.getString("issuer"),
                object.getString("name"),
                object.getString("subject"),
                object.getJsonArray("grants").stream()
                        .map(JsonObject.class::cast)
                        .map(grant -> new RoleBinding(
                                read(grant, "tenants", name -> Optional.of(new TenantId(name))),
                                read(grant, "roles", Role::of),
                                AccessLimits.Part.ALL))
                        .toList());
    }

    private static <T> JsonArray sorted(Set<T> values, Function<T, String> text) {
        return new JsonArray(values.stream().map(text).sorted().toList());
    }

    private static <T> Set<T> read(JsonObject object, String field, Function<String, Optional<T>> value) {
        Set<T> values = new HashSet<>();
        object.getJsonArray(field).forEach(each -> value.apply((String) each).ifPresent(values::add));
        return values;
    }
}
