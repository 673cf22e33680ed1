package io.nexus.oauth.rest;

import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.CredentialFilter;
import io.nexus.oauth.credential.CredentialFilter.Order;
import io.nexus.oauth.credential.CredentialState;
import io.nexus.oauth.credential.CredentialStatus;
import jakarta.ws.rs.QueryParam;
import java.time.Instant;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The query parameters of the list of credentials. */
public class CredentialQuery {

    /** The provider. */
    @QueryParam("provider")
    public @Nullable String provider;

    /** The user of the account. */
    @QueryParam("user")
    public @Nullable String user;

    /** The beginning of the user, byte by byte. The list is then in the order of users. */
    @QueryParam("user_prefix")
    public @Nullable String userPrefix;

    /** The state. */
    @QueryParam("state")
    public @Nullable String state;

    /** The stored status. */
    @QueryParam("status")
    public @Nullable String status;

    /** The order: {@code oldest} first (the default), {@code newest} first, or by {@code user}. */
    @QueryParam("order")
    public @Nullable String order;

    /** The size of a page. */
    @QueryParam("limit")
    public @Nullable String limit;

    /** The {@code next} of the page before. */
    @QueryParam("cursor")
    public @Nullable String cursor;

    /** The filter of this query within the limits of the caller. Invalid parameters are added to {@code errors}. */
    CredentialFilter filter(InputErrors errors, AccessLimits limits, Instant now) {
        Order order = errors.converted("order", Order.OLDEST, this::order);
        return new CredentialFilter(
                provider,
                user,
                read(errors, "status", status, CredentialStatus::of),
                state(errors, "state", state, now),
                limits,
                read(errors, "cursor", cursor, text -> Cursor.parse(text, order)),
                userPrefix,
                order);
    }

    /** Another order of the users with one beginning would have to read all of them for each page. */
    private Order order() {
        if (order == null) {
            return userPrefix == null ? Order.OLDEST : Order.USER;
        }
        Order asked = Stream.of(Order.values())
                .filter(each -> each.name().toLowerCase(Locale.ROOT).equals(order))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("must be one of oldest, newest, user"));
        if (userPrefix != null && asked != Order.USER) {
            throw new IllegalArgumentException("must be user, or be left out, with user_prefix");
        }
        return asked;
    }

    /** The state {@code value} at {@code now}; null when there is none, or it is no state. */
    static CredentialFilter.@Nullable StateAt state(
            InputErrors errors, String field, @Nullable String value, Instant now) {
        CredentialState state = read(errors, field, value, CredentialState::of);
        return state == null ? null : new CredentialFilter.StateAt(state, now);
    }

    private static <T> @Nullable T read(
            InputErrors errors, String name, @Nullable String text, Function<String, T> conversion) {
        return text == null
                ? null
                : errors.converted(name, Optional.<T>empty(), () -> Optional.of(conversion.apply(text)))
                        .orElse(null);
    }
}
