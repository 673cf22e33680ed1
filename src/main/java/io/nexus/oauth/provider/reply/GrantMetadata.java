package io.nexus.oauth.provider.reply;

import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Identity;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Names and reads the metadata of a grant: the value at the pointer {@code /team/id} is stored as {@code team_id}. */
public final class GrantMetadata {

    static final String TOKEN = "token:";
    private static final String CALLBACK = "callback:";
    private static final String ADDRESS = "/email";
    private static final int MAX_VALUE = 1024;

    private GrantMetadata() {}

    public static String name(String pointer) {
        return pointer.substring(1).replace('/', '_');
    }

    /** The pointers to the account's id and names. */
    static Set<String> pointers(Identity identity) {
        Set<String> pointers = new LinkedHashSet<>();
        Stream.ofNullable(identity.id()).forEach(pointers::add);
        pointers.addAll(identity.label());
        pointers.addAll(identity.unique());
        identity.unique().stream().filter(GrantMetadata::isAddress).forEach(address -> pointers.add(verified(address)));
        return pointers;
    }

    private static boolean isAddress(String pointer) {
        return pointer.endsWith(ADDRESS);
    }

    /** The pointer to the mark beside an address (OpenID Connect Core section 5.1). */
    private static String verified(String address) {
        return address + "_verified";
    }

    /** The account; {@code value} returns the text at a pointer. Empty when there is no id. */
    public static Optional<ReportedAccount> account(Identity identity, Function<String, @Nullable String> value) {
        String pointer = identity.id();
        String id = pointer == null ? null : value.apply(pointer);
        if (id == null) {
            return Optional.empty();
        }
        List<String> labels = identity.label().stream()
                .<@Nullable String>map(value::apply)
                .filter(Objects::nonNull)
                .toList();
        AccountIdentity reported = new AccountIdentity(id, labels.isEmpty() ? null : labels.getFirst());
        return Optional.of(new ReportedAccount(reported, uniqueNames(identity, value)));
    }

    /** Anybody can enter the address of somebody else: it counts only when the provider says that it is verified. */
    private static Set<String> uniqueNames(Identity identity, Function<String, @Nullable String> value) {
        Set<String> names = new HashSet<>();
        for (String pointer : identity.unique()) {
            String name = value.apply(pointer);
            if (name != null && (!isAddress(pointer) || "true".equals(value.apply(verified(pointer))))) {
                names.add(name);
            }
        }
        return Set.copyOf(names);
    }

    /**
     * {@code response} with the callback parameters that the profile keeps. Values that are too long or have control
     * characters are dropped.
     */
    public static TokenResponse withCallback(
            ProviderProfile profile, TokenResponse response, Map<String, String> callback) {
        Map<String, String> kept = new HashMap<>(response.metadata());
        profile.authorize().capture().forEach((name, parameter) -> keep(kept, name, callback.get(parameter)));
        profile.vars().forEach((name, variable) -> {
            if (variable.from().startsWith(CALLBACK)) {
                keep(kept, name, callback.get(variable.from().substring(CALLBACK.length())));
            }
        });
        return new TokenResponse(
                response.accessToken(),
                response.refreshToken(),
                response.tokenType(),
                response.expiresAt(),
                response.expiryAssumed(),
                response.scopes(),
                response.refreshExpiresAt(),
                response.idToken(),
                kept);
    }

    private static void keep(Map<String, String> kept, String name, @Nullable String value) {
        if (value != null
                && !value.isEmpty()
                && value.length() <= MAX_VALUE
                && value.chars().noneMatch(Character::isISOControl)) {
            kept.put(name, value);
        }
    }
}
