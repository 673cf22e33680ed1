package io.nexus.oauth.credential;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The rights beside scopes that a person is asked for. They are kept with the metadata of the grant, so that refreshes and another
 * connection ask for the same.
 *
 * @param resources the APIs for which the tokens are meant (RFC 8707 section 2), in order
 * @param authorizationDetails the requested rights as a JSON array (RFC 9396 section 2), or null
 */
public record GrantRequest(List<String> resources, @Nullable String authorizationDetails) {

    /** Nothing but scopes. */
    public static final GrantRequest NONE = new GrantRequest(List.of(), null);

    /** The most objects in authorization details. */
    public static final int MAX_DETAILS = 8;

    /** The most characters of requested authorization details as JSON: they may become part of an address. */
    public static final int MAX_DETAILS_LENGTH = 4096;

    /** The most characters of granted ones; longer ones are not kept. */
    public static final int MAX_GRANTED_LENGTH = 8192;

    /** The granted authorization details in the metadata of a grant, as a JSON array (RFC 9396 section 7). */
    public static final String GRANTED = "granted.authorization_details";

    /** No profile has such names for values that it keeps: they come from pointers, whose parts have no dot. */
    private static final String RESOURCES = "request.resource";

    private static final String DETAILS = "request.authorization_details";

    /** Throws {@link IllegalArgumentException} for what a bound or RFC 8707 does not allow. */
    public GrantRequest {
        resources = TokenRequest.checkResources(resources.stream().distinct().toList());
        if (authorizationDetails != null && authorizationDetails.length() > MAX_DETAILS_LENGTH) {
            throw new IllegalArgumentException("must have " + MAX_DETAILS_LENGTH + " characters at most, as JSON");
        }
    }

    /** The request of the grant with {@code metadata}; {@link #NONE} when an import brought metadata that is no request. */
    public static GrantRequest of(Map<String, String> metadata) {
        try {
            return check(metadata);
        } catch (IllegalArgumentException e) {
            return NONE;
        }
    }

    /** As {@link #of}; throws {@link IllegalArgumentException} when the metadata is no request. */
    public static GrantRequest check(Map<String, String> metadata) {
        String resources = metadata.get(RESOURCES);
        return new GrantRequest(resources == null ? List.of() : List.of(resources.split(" ")), metadata.get(DETAILS));
    }

    /** The granted authorization details; empty when the provider named none. */
    public static Optional<String> granted(Map<String, String> metadata) {
        return Optional.ofNullable(metadata.get(GRANTED));
    }

    /** {@code metadata} of a new grant with this request. */
    public Map<String, String> in(Map<String, String> metadata) {
        Map<String, String> all = new HashMap<>(metadata);
        if (!resources.isEmpty()) {
            all.put(RESOURCES, resourceText());
        }
        if (authorizationDetails != null) {
            all.put(DETAILS, authorizationDetails);
        }
        return all;
    }

    /** {@code metadata} without what {@link #of} and {@link #granted} tell. */
    public static Map<String, String> without(Map<String, String> metadata) {
        Map<String, String> others = new HashMap<>(metadata);
        others.keySet().removeAll(List.of(RESOURCES, DETAILS, GRANTED));
        return others;
    }

    /** The resources, separated by spaces, which no URI has. */
    public String resourceText() {
        return String.join(" ", resources);
    }
}
