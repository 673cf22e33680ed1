package io.nexus.oauth.provider.reply;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.credential.AccountIdentity;
import io.nexus.oauth.credential.GrantRequest;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Identity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Names and reads the metadata of a grant: the value at the pointer {@code /team/id} is stored as {@code team_id}. */
public final class GrantMetadata {

    static final String TOKEN = "token:";
    private static final String CALLBACK = "callback:";
    private static final String IDENTITY = "identity:";

    /** Ends the pointer to the mark beside an address (OpenID Connect Core section 5.1). */
    private static final String VERIFIED = "_verified";

    private static final int MAX_VALUE = 1024;

    private GrantMetadata() {}

    public static String name(String pointer) {
        return pointer.substring(1).replace('/', '_');
    }

    /** The granted authorization details (RFC 9396 section 7), if the reply names some and they are not too long. */
    static Map<String, String> details(ReplyBody body) {
        Map<String, String> metadata = new HashMap<>();
        JsonNode details = body.at("/authorization_details");
        String text = details.isArray() ? details.toString() : "";
        if (!text.isEmpty() && text.length() <= GrantRequest.MAX_GRANTED_LENGTH) {
            metadata.put(GrantRequest.GRANTED, text);
        }
        return metadata;
    }

    /** The pointers to the account's id, names and verified address. */
    static List<String> pointers(Identity identity) {
        String email = identity.email();
        return Stream.of(
                        Stream.ofNullable(identity.id()),
                        identity.label().stream(),
                        email == null ? Stream.<String>empty() : Stream.of(email, email + VERIFIED))
                .flatMap(each -> each)
                .distinct()
                .toList();
    }

    /** The account; {@code value} returns the text at a pointer. Empty when there is no id. */
    public static Optional<ReportedAccount> account(ProviderProfile profile, Function<String, @Nullable String> value) {
        Identity identity = profile.identity();
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
        return Optional.of(
                new ReportedAccount(reported, verifiedEmail(identity, value), variables(profile, IDENTITY, value)));
    }

    /** Anybody can enter the address of somebody else: it counts only when the provider says that it is verified. */
    private static @Nullable String verifiedEmail(Identity identity, Function<String, @Nullable String> value) {
        String email = identity.email();
        return email != null && "true".equals(value.apply(email + VERIFIED)) ? value.apply(email) : null;
    }

    /**
     * {@code response} with the callback parameters that the profile keeps. Values that are too long or have control
     * characters are dropped.
     */
    public static TokenResponse withCallback(
            ProviderProfile profile, TokenResponse response, Map<String, String> callback) {
        Map<String, String> kept = new HashMap<>();
        profile.authorize().capture().forEach((name, parameter) -> keep(kept, name, callback.get(parameter)));
        kept.putAll(variables(profile, callback));
        return response.withMetadata(kept);
    }

    /** The variables of the profile that come from the {@code callback}. Each is checked where it is used. */
    public static Map<String, String> variables(ProviderProfile profile, Map<String, String> callback) {
        return variables(profile, CALLBACK, callback::get);
    }

    private static Map<String, String> variables(
            ProviderProfile profile, String source, Function<String, @Nullable String> value) {
        Map<String, String> kept = new HashMap<>();
        profile.vars().forEach((name, variable) -> {
            if (variable.from().startsWith(source)) {
                keep(kept, name, value.apply(variable.from().substring(source.length())));
            }
        });
        return kept;
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
