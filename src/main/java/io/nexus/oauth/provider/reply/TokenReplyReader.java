package io.nexus.oauth.provider.reply;

import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Expected;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Response;
import io.nexus.oauth.provider.egress.ExchangeResult;
import io.vertx.core.MultiMap;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Turns the response of a token endpoint into a verdict. Pure and total: any response gets a verdict, and a refresh
 * token in it is kept even if other fields are invalid.
 */
public final class TokenReplyReader {

    /** The code of a request that failed before its first byte was sent. */
    public static final String UNSENT = "provider_unreachable";

    private static final Pattern CODE = Pattern.compile("[a-z0-9_.-]{1,64}");
    private static final Set<String> MISCONFIGURATION = Set.of(
            "invalid_client",
            "unauthorized_client",
            "invalid_scope",
            "unsupported_grant_type",
            "invalid_request",
            "incorrect_client_credentials");
    private static final Set<String> USER_ACTION = Set.of("interaction_required", "consent_required", "login_required");
    private static final Set<String> RETRYABLE =
            Set.of("temporarily_unavailable", "slow_down", "ratelimited", "rate_limited");
    /** What some servers write beside a success. */
    private static final Set<String> NO_ERROR = Set.of("0", "false");

    private static final String ACCESS_TOKEN = "access_token";
    private static final String REFRESH_TOKEN = "refresh_token";
    private static final List<String> SALVAGED =
            List.of(ACCESS_TOKEN, REFRESH_TOKEN, "token_type", "expires_in", "scope", "id_token", "error");
    private static final Set<String> SERVER_FAILURE = Set.of("server_error", "internal_error", "fatal_error");

    private final ProviderProfile profile;
    private final Instant sent;
    private final boolean spends;
    private final boolean consent;

    /**
     * A reader for one request.
     *
     * @param sent the time before the request was sent; lifetimes count from then
     * @param spends whether the request may spend its code or refresh token (an authorization code, a rotating refresh
     *     token)
     */
    public TokenReplyReader(ProviderProfile profile, Instant sent, boolean spends) {
        this(profile, sent, spends, false);
    }

    /**
     * A reader for one request.
     *
     * @param consent whether the request exchanges an authorization code, so that the grant begins
     */
    public TokenReplyReader(ProviderProfile profile, Instant sent, boolean spends, boolean consent) {
        this.profile = profile;
        this.sent = sent;
        this.spends = spends;
        this.consent = consent;
    }

    public TokenReply read(ExchangeResult answer) {
        return switch (answer) {
            case ExchangeResult.NotSent none ->
                none.isForbidden()
                        ? new TokenReply.Misconfigured(none.code())
                        : new TokenReply.Deferred(UNSENT, Optional.empty(), true);
            case ExchangeResult.Lost lost -> lost(lost.code());
            case ExchangeResult.Complete complete -> classify(complete);
        };
    }

    private TokenReply classify(ExchangeResult.Complete answer) {
        Optional<ReplyBody> body = ReplyBody.parse(answer.headers().get("content-type"), answer.body());
        String error = body.map(this::error).orElse("");
        int status = answer.status();
        if (status / 100 == 2) {
            return body.filter(found -> !error.isEmpty() || hasToken(found))
                    .or(() -> salvage(answer.body()))
                    .or(() -> body)
                    .map(this::success)
                    .orElseGet(() -> new TokenReply.Unknown("unreadable_reply"));
        }
        if (status / 100 == 3) {
            return new TokenReply.Misconfigured("redirect");
        }
        return switch (status) {
            case 429 -> deferred("rate_limited", answer.headers());
            case 503 -> unavailable(answer.headers(), error);
            case 404, 405, 410 -> new TokenReply.Misconfigured("endpoint_not_found");
            case 504 -> RETRYABLE.contains(error) ? serverFailure(error, answer.headers()) : lost("provider_timeout");
            default ->
                status / 100 == 4 ? refused(status, body.isPresent(), error) : serverFailure(error, answer.headers());
        };
    }

    private boolean hasToken(ReplyBody body) {
        Response response = profile.response();
        return body.refreshToken(response.pointer(REFRESH_TOKEN)) != null
                || body.token(response.pointer(ACCESS_TOKEN)) != null;
    }

    /**
     * A successful response that is neither JSON nor a form. An access token alone is not enough if the text may be cut
     * off: the new refresh token may be in the missing part.
     */
    private Optional<ReplyBody> salvage(String text) {
        Response response = profile.response();
        return ReplyBody.salvage(text, SALVAGED.stream().map(response::pointer).toList())
                .filter(found -> text.stripTrailing().endsWith("}")
                        ? hasToken(found)
                        : found.refreshToken(response.pointer(REFRESH_TOKEN)) != null);
    }

    /**
     * A 503 without {@code Retry-After} may come from a proxy that lost the provider's response; one with it is
     * definite.
     */
    private TokenReply unavailable(MultiMap headers, String error) {
        return headers.contains("retry-after")
                ? deferred("temporarily_unavailable", headers)
                : serverFailure(error, headers);
    }

    private TokenReply serverFailure(String error, MultiMap headers) {
        return RETRYABLE.contains(error) ? deferred("temporarily_unavailable", headers) : lost("provider_error");
    }

    private TokenReply deferred(String code, MultiMap headers) {
        return new TokenReply.Deferred(code, RetryAfter.read(headers.get("retry-after"), sent), true);
    }

    /** No definite response. If nothing can have been spent, the request is only deferred. */
    private TokenReply lost(String code) {
        return spends
                ? new TokenReply.Unknown(code)
                : new TokenReply.Deferred("provider_error", Optional.empty(), false);
    }

    /** Whether the body has the value that marks a success. The provider's code for a success is then no error. */
    private boolean isDeclaredSuccess(ReplyBody body) {
        Expected ok = profile.response().ok();
        return ok != null && ok.is().equals(body.text(ok.at()));
    }

    /**
     * The raw error code in lower case; {@code other} when the reply reports an error without a code; empty for no
     * error.
     */
    private String error(ReplyBody body) {
        String code = body.text(profile.response().pointer("error"));
        if (code != null && !NO_ERROR.contains(code)) {
            return code.toLowerCase(Locale.ROOT);
        }
        return profile.response().ok() == null || isDeclaredSuccess(body) ? "" : "other";
    }

    private TokenReply refused(int status, boolean readable, String error) {
        Optional<TokenReply> known = definite(error);
        if (known.isPresent() && Set.of(400, 401, 403).contains(status)) {
            return known.get();
        }
        if (readable && profile.errors().permanentHttp().contains(status)) {
            return new TokenReply.Rejected(error.isEmpty() ? "http_" + status : code(error));
        }
        return switch (status) {
            case 401 -> new TokenReply.Misconfigured("http_401");
            case 408 -> lost("provider_timeout");
            default -> new TokenReply.Misconfigured(error.isEmpty() ? "http_4xx" : code(error));
        };
    }

    /** The verdict for a known error code; empty for any other code. */
    private Optional<TokenReply> definite(String error) {
        if (USER_ACTION.contains(error)) {
            return Optional.of(new TokenReply.Rejected(code(error), true));
        }
        if (profile.errors().permanent().contains(error)) {
            return Optional.of(new TokenReply.Rejected(code(error)));
        }
        if (MISCONFIGURATION.contains(error)) {
            return Optional.of(new TokenReply.Misconfigured(code(error)));
        }
        if (RETRYABLE.contains(error)) {
            return Optional.of(new TokenReply.Deferred(code(error), Optional.empty(), true));
        }
        return SERVER_FAILURE.contains(error) ? Optional.of(lost("provider_error")) : Optional.empty();
    }

    /** The error code, if it is safe for metrics and logs; otherwise {@code other}. */
    private static String code(String error) {
        return CODE.matcher(error).matches() ? error : "other";
    }

    private TokenReply success(ReplyBody body) {
        Response response = profile.response();
        String error = isDeclaredSuccess(body) ? "" : error(body);
        Secret access = body.token(response.pointer(ACCESS_TOKEN));
        Secret refresh = body.refreshToken(response.pointer(REFRESH_TOKEN));
        boolean refused = !error.isEmpty() && refresh == null;
        if (refused) {
            return definite(error).orElseGet(() -> new TokenReply.Misconfigured(code(error)));
        }
        return access == null && refresh == null
                ? new TokenReply.Unknown(TokenResponse.NO_ACCESS_TOKEN)
                : granted(body, access, refresh);
    }

    private TokenReply granted(ReplyBody body, @Nullable Secret access, @Nullable Secret refresh) {
        Response response = profile.response();
        Secret idToken = body.idToken(response.pointer("id_token"));
        TokenExpiry expiry = TokenExpiry.of(body, access, profile, sent);
        TokenResponse granted = new TokenResponse(
                access,
                refresh,
                tokenType(body.text(response.pointer("token_type"))),
                expiry.at(),
                expiry.assumed(),
                scopes(body, response.pointer("scope")),
                TokenExpiry.ofRefreshToken(body, profile, sent, consent),
                idToken,
                metadata(body, idToken));
        return new TokenReply.Granted(granted, remarks(body, granted, expiry));
    }

    private Set<String> remarks(ReplyBody body, TokenResponse granted, TokenExpiry expiry) {
        Response response = profile.response();
        Set<String> remarks = new HashSet<>();
        Optional.ofNullable(expiry.remark()).ifPresent(remarks::add);
        if (body.isSalvaged()) {
            remarks.add("the token response is neither JSON nor a form; the service found the tokens in it");
        }
        if (granted.accessToken() == null) {
            remarks.add("the token response has no usable access token");
        }
        if (granted.refreshToken() == null && body.hasValue(response.pointer(REFRESH_TOKEN))) {
            remarks.add("the refresh token is not a text, so the service cannot use it");
        }
        return remarks;
    }

    private static String tokenType(@Nullable String type) {
        return type == null || type.equalsIgnoreCase(OAuthCredential.BEARER) ? OAuthCredential.BEARER : type;
    }

    private static @Nullable Scopes scopes(ReplyBody body, String pointer) {
        String text = body.at(pointer).isArray()
                ? StreamSupport.stream(body.at(pointer).spliterator(), false)
                        .map(scope -> scope.asText(""))
                        .collect(Collectors.joining(" "))
                : body.at(pointer).asText("");
        Scopes scopes = Scopes.parseResponse(text);
        return scopes.isEmpty() ? null : scopes;
    }

    private Map<String, String> metadata(ReplyBody body, @Nullable Secret idToken) {
        Map<String, String> metadata = new HashMap<>();
        profile.response().keep().forEach(pointer -> keep(metadata, GrantMetadata.name(pointer), body, pointer));
        profile.vars().forEach((name, variable) -> {
            if (variable.from().startsWith(GrantMetadata.TOKEN)) {
                keep(metadata, name, body, variable.from().substring(GrantMetadata.TOKEN.length()));
            }
        });
        Optional<ReplyBody> source = switch (profile.identity().from()) {
            case TOKEN -> Optional.of(body);
            case ID_TOKEN -> ReplyBody.claims(idToken);
            case USERINFO, CALLBACK -> Optional.empty();
        };
        source.ifPresent(from -> GrantMetadata.pointers(profile.identity())
                .forEach(pointer -> keep(metadata, GrantMetadata.name(pointer), from, pointer)));
        return metadata;
    }

    private static void keep(Map<String, String> metadata, String name, ReplyBody body, String pointer) {
        String value = body.text(pointer);
        if (value != null) {
            metadata.put(name, value);
        }
    }
}
