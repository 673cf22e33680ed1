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
 * A caller's identity at a trusted issuer.
 *
 * @param issuer the issuer's {@code iss}
 * @param name the name for the audit trail
 * @param subject the subject that policies name
 * @param label the name that the pages show
 * @param claimed the role bindings that follow from the claims alone
 */
public record Identity(String issuer, String name, String subject, String label, List<RoleBinding> claimed) {

    /** Copies the list. */
    public Identity {
        claimed = List.copyOf(claimed);
    }

    /**
     * The identity as a text for {@link #parse}. The bindings of claims cover every credential of the tenants that they
     * name.
     */
    public String text() {
        JsonArray bindings = new JsonArray();
        for (RoleBinding binding : claimed) {
            Set<TenantId> tenants = binding.tenants() == null ? Set.of() : binding.tenants();
            bindings.add(new JsonObject()
                    .put("tenants", sorted(tenants, TenantId::value))
                    .put("roles", sorted(binding.roles(), Role::label)));
        }
        return new JsonObject()
                .put("issuer", issuer)
                .put("name", name)
                .put("subject", subject)
                .put("label", label)
                .put("grants", bindings)
                .encode();
    }

    /** The identity of {@code text}, which {@link #text} made; an older one without a label is shown by its subject. */
    public static Identity parse(String text) {
        JsonObject object = new JsonObject(text);
        return new Identity(
                object.getString("issuer"),
                object.getString("name"),
                object.getString("subject"),
                object.getString("label", object.getString("subject")),
                object.getJsonArray("grants").stream()
                        .map(JsonObject.class::cast)
                        .map(binding -> new RoleBinding(
                                read(binding, "tenants", name -> Optional.of(new TenantId(name))),
                                read(binding, "roles", Role::of),
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
