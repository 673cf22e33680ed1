package io.nexus.oauth.provider.reply;

import io.nexus.oauth.provider.catalogue.ProviderProfile.Errors;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Decides whom a failed token request concerns (RFC 6749 section 5.2, and what providers send instead). Pure: the
 * result depends on the arguments only. The page "Verdicts" of the documentation has the same rule as a table.
 */
final class FailureRules {

    /** Whom a failure concerns. */
    enum Concern {
        /** The grant has ended; a second refusal confirms it. */
        GRANT_ENDED,
        /** This grant is refused, for a reason that the service does not know. Other grants may be fine. */
        GRANT,
        /** The operator has to fix a setting. The failure may still concern this grant only. */
        REQUEST,
        /** The client authentication failed, so every grant of the client fails. */
        CLIENT,
        /** The provider asks all grants of the client to wait. Nothing was spent. */
        RATE_LIMIT,
        /** The provider is busy. Nothing was spent. */
        BUSY,
        /** The provider failed. It may have carried out the request. */
        FAULT
    }

    /**
     * A failed answer, reduced to the parts that the rule uses.
     *
     * @param status the HTTP status
     * @param error the error code in lower case; empty for none
     * @param readable whether the body is JSON or a form, and not for example an HTML page
     * @param asksToWait whether the answer has a {@code Retry-After} header
     * @param authenticated whether the request authenticated the client, and did not only name it
     */
    record Failure(int status, String error, boolean readable, boolean asksToWait, boolean authenticated) {}

    private static final Set<String> USER_ACTION = Set.of("interaction_required", "consent_required", "login_required");

    /** The codes of RFC 6749 section 5.2 for a wrong request. Providers also send them for a single bad grant. */
    private static final Set<String> REQUEST =
            Set.of("invalid_request", "invalid_scope", "unsupported_grant_type", "unauthorized_client");

    private static final Set<String> BUSY = Set.of("temporarily_unavailable", "service_unavailable");
    private static final Set<String> FAULT = Set.of("server_error", "internal_error", "fatal_error");
    private static final Pattern RATE_LIMIT = Pattern.compile(
            "slow_?down|.*(rate_?limit|too_?many|throttl|(rate|request|requests|query|api|quota)_(limit_)?exceeded"
                    + "|over_query_limit).*");

    /** In a 401 such a code blames the grant and not the client. */
    private static final Pattern NAMES_GRANT = Pattern.compile(".*(token|grant|user|account|consent|session).*");

    /** Web frameworks put these words into the error field of an answer that no authorization server wrote. */
    private static final Map<Integer, String> REASON_PHRASES = Map.of(
            400, "bad request",
            401, "unauthorized",
            403, "forbidden",
            404, "not found",
            405, "method not allowed",
            406, "not acceptable",
            410, "gone",
            415, "unsupported media type");

    private FailureRules() {}

    /** Whom {@code failure} concerns at a provider whose profile lists {@code vendor}. */
    static Concern concern(Failure failure, Errors vendor) {
        return switch (failure.status() / 100) {
            case 3 -> Concern.REQUEST;
            case 2, 4 -> failure.status() == 429 ? Concern.RATE_LIMIT : answered(failure, vendor);
            default -> serverFailure(failure, vendor);
        };
    }

    /** Whether {@code error} says without doubt that the user has to act, so that no second request is needed. */
    static boolean isCertain(String error) {
        return USER_ACTION.contains(error);
    }

    /** Whether {@code error} says that the provider limits the rate of requests. */
    static boolean isRateLimit(String error, Errors vendor) {
        return vendor.rateLimited().contains(error) || RATE_LIMIT.matcher(error).matches();
    }

    /** The code without the words that only repeat the status. */
    static String meaningful(int status, String error) {
        String phrase = REASON_PHRASES.get(status);
        return error.replace('_', ' ').equals(phrase) ? "" : error;
    }

    /**
     * A 503 without {@code Retry-After} may come from a proxy that lost the provider's response; one with it is
     * definite.
     */
    private static Concern serverFailure(Failure failure, Errors vendor) {
        if (failure.status() == 503 && failure.asksToWait()) {
            return Concern.RATE_LIMIT;
        }
        return named(failure, vendor)
                .filter(concern -> concern == Concern.RATE_LIMIT || concern == Concern.BUSY)
                .orElse(Concern.FAULT);
    }

    /** A known code counts more than the status, and the status more than an unknown code. */
    private static Concern answered(Failure failure, Errors vendor) {
        return named(failure, vendor).orElseGet(() -> unnamed(failure, vendor));
    }

    private static Optional<Concern> named(Failure failure, Errors vendor) {
        String error = failure.error();
        if (vendor.rateLimited().contains(error)) {
            return Optional.of(Concern.RATE_LIMIT);
        }
        if (USER_ACTION.contains(error) || vendor.permanent().contains(error)) {
            return Optional.of(Concern.GRANT_ENDED);
        }
        if (isRateLimit(error, vendor)) {
            return Optional.of(Concern.RATE_LIMIT);
        }
        if (BUSY.contains(error)) {
            return Optional.of(Concern.BUSY);
        }
        if (FAULT.contains(error)) {
            return Optional.of(Concern.FAULT);
        }
        if (REQUEST.contains(error) && failure.status() != 401) {
            return Optional.of(Concern.REQUEST);
        }
        return error.contains("client") ? Optional.of(Concern.CLIENT) : Optional.empty();
    }

    private static Concern unnamed(Failure failure, Errors vendor) {
        if (failure.asksToWait()) {
            return Concern.RATE_LIMIT;
        }
        if (failure.status() == 408) {
            return Concern.FAULT;
        }
        if (failure.readable() && vendor.permanentHttp().contains(failure.status())) {
            return Concern.GRANT_ENDED;
        }
        boolean namesGrant = NAMES_GRANT.matcher(failure.error()).matches();
        if (failure.status() == 401 && failure.authenticated() && !namesGrant) {
            return Concern.CLIENT;
        }
        return failure.error().isEmpty() || REQUEST.contains(failure.error()) ? Concern.REQUEST : Concern.GRANT;
    }
}
