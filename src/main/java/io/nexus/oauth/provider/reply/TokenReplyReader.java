package io.nexus.oauth.provider.reply;

import io.nexus.oauth.credential.OAuthCredential;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Errors;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Response;
import io.nexus.oauth.provider.egress.ExchangeResult;
import io.nexus.oauth.provider.entry.ProfileTerm.Expected;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * Turns the response of a token endpoint into a verdict. Pure and total: any response gets a verdict, and a refresh
 * token in it is kept even if other fields are invalid.
 */
public final class TokenReplyReader {

    /** The code of a request that failed before its first byte was sent. */
    private static final String UNSENT = "provider_unreachable";

    private static final Pattern CODE = Pattern.compile("[a-z0-9_.-]{1,64}");

    /** Values of the error member that some servers write beside a success. */
    private static final Set<String> NO_ERROR = Set.of("0", "false");

    /** The codes of content codings that the service neither asks for nor reads. */
    private static final Map<String, String> UNREAD_CODINGS =
            Map.of("br", "unreadable_br", "zstd", "unreadable_zstd", "compress", "unreadable_compress");

    private static final String ACCESS_TOKEN = "access_token";
    private static final String REFRESH_TOKEN = "refresh_token";
    private static final List<String> SALVAGED =
            List.of(ACCESS_TOKEN, REFRESH_TOKEN, "token_type", "expires_in", "scope", "id_token", "error");

    private final ProviderProfile profile;
    private final Instant sent;
    private final boolean spends;
    private final boolean consent;
    private final boolean authenticated;

    /** A reader for a refresh request that authenticates its client. */
    public TokenReplyReader(ProviderProfile profile, Instant sent, boolean spends) {
        this(profile, sent, spends, false, true);
    }

    /**
     * A reader for one request.
     *
     * @param sent the time before the request was sent; lifetimes count from then
     * @param spends whether the request may spend its code or refresh token (an authorization code, a rotating refresh
     *     token)
     * @param consent whether the request exchanges an authorization code, so that the grant begins
     * @param authenticated whether the request authenticates its client, and does not only name it
     */
    public TokenReplyReader(
            ProviderProfile profile, Instant sent, boolean spends, boolean consent, boolean authenticated) {
        this.profile = profile;
        this.sent = sent;
        this.spends = spends;
        this.consent = consent;
        this.authenticated = authenticated;
    }

    /** Whether {@code reply} says that the request was not sent. */
    public static boolean isUnsent(TokenReply reply) {
        return reply instanceof TokenReply.Deferred
                && (reply.code().equals(UNSENT) || new ExchangeResult.NotSent(reply.code()).isByProxy());
    }

    public TokenReply read(ExchangeResult answer) {
        return switch (answer) {
            case ExchangeResult.NotSent none ->
                none.isForbidden() || none.isRefusedCertificate()
                        ? new TokenReply.Misconfigured(none.code(), none.isRefusedCertificate())
                        : new TokenReply.Deferred(none.isByProxy() ? none.code() : UNSENT, Optional.empty(), true);
            case ExchangeResult.Lost lost -> lost(lost.code());
            case ExchangeResult.Complete complete -> classify(complete);
        };
    }

    private TokenReply classify(ExchangeResult.Complete answer) {
        Optional<ReplyBody> body = ReplyBody.parse(answer.headers().get("content-type"), answer.body());
        String error = body.map(this::error).orElse("");
        if (answer.status() / 100 != 2) {
            return failure(answer, body.isPresent(), FailureRules.meaningful(answer.status(), error));
        }
        return body.filter(found -> !error.isEmpty() || hasToken(found))
                .or(() -> salvage(answer.body()))
                .or(() -> body)
                .map(found -> success(found, answer))
                .orElseGet(
                        () -> new TokenReply.Unknown(unreadable(answer.headers().getAll("content-encoding"))));
    }

    private static String unreadable(List<String> codings) {
        return Stream.of(String.join(",", codings).toLowerCase(Locale.ROOT).split("[\\s,]+"))
                .filter(UNREAD_CODINGS::containsKey)
                .map(UNREAD_CODINGS::get)
                .findFirst()
                .orElse("unreadable_reply");
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

    private TokenReply failure(ExchangeResult.Complete answer, boolean readable, String error) {
        int status = answer.status();
        Optional<Duration> wait = RetryAfter.read(answer.headers().get("retry-after"), sent);
        boolean asksToWait = answer.headers().contains("retry-after");
        FailureRules.Concern concern = FailureRules.concern(
                new FailureRules.Failure(status, error, readable, asksToWait, authenticated), profile.errors());
        return switch (concern) {
            case GRANT_ENDED -> new TokenReply.Rejected(endCode(status, error), FailureRules.isCertain(error));
            case GRANT -> new TokenReply.Refused(code(error));
            case REQUEST -> new TokenReply.Misconfigured(requestCode(status, error), false);
            case CLIENT -> new TokenReply.Misconfigured(clientCode(error), true);
            case RATE_LIMIT -> new TokenReply.Deferred(limitCode(status, error, profile.errors()), wait, true);
            case BUSY -> new TokenReply.Deferred("temporarily_unavailable", wait, true);
            case FAULT -> lost(Set.of(408, 504).contains(status) ? "provider_timeout" : "provider_error");
        };
    }

    private static String endCode(int status, String error) {
        return error.isEmpty() ? "http_" + status : code(error);
    }

    private static String clientCode(String error) {
        return error.contains("client") ? code(error) : "http_401";
    }

    private static String requestCode(int status, String error) {
        if (status / 100 == 3) {
            return "redirect";
        }
        if (!error.isEmpty()) {
            return code(error);
        }
        return switch (status) {
            case 401 -> "http_401";
            case 404, 405, 410 -> "endpoint_not_found";
            default -> "http_4xx";
        };
    }

    /** The provider's own code if that means a rate limit; a header alone says no more than that. */
    private static String limitCode(int status, String error, Errors vendor) {
        if (status / 100 == 5) {
            return "temporarily_unavailable";
        }
        return status != 429 && FailureRules.isRateLimit(error, vendor) ? code(error) : "rate_limited";
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

    /** The error code, if it is safe for metrics and logs; otherwise {@code other}. */
    private static String code(String error) {
        return CODE.matcher(error).matches() ? error : "other";
    }

    private TokenReply success(ReplyBody body, ExchangeResult.Complete answer) {
        Response response = profile.response();
        String error = isDeclaredSuccess(body) ? "" : error(body);
        Secret access = body.token(response.pointer(ACCESS_TOKEN));
        Secret refresh = body.refreshToken(response.pointer(REFRESH_TOKEN));
        boolean refused = !error.isEmpty() && refresh == null;
        if (refused) {
            return failure(answer, true, error);
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
                metadata(body, idToken),
                body.text("/issued_token_type"));
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
        Map<String, String> metadata = GrantMetadata.details(body);
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
