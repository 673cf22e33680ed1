package io.nexus.oauth.provider.metadata;

import com.fasterxml.jackson.databind.JsonNode;
import io.nexus.oauth.provider.assertion.ClientKey.Algorithm;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Issuer;
import io.nexus.oauth.provider.egress.ExchangeResult;
import io.nexus.oauth.provider.egress.HttpExchange;
import io.nexus.oauth.provider.egress.RequestListener;
import io.nexus.oauth.provider.egress.UrlRule;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import io.nexus.oauth.provider.reply.ProviderException;
import io.nexus.oauth.provider.reply.ReplyBody;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Reads the metadata of authorization servers (OpenID Connect Discovery 1.0 section 4, RFC 8414 section 3). Only what the
 * service uses is kept, in a {@link MetadataCache}. Concurrent callers share one request.
 */
public final class Discovery {

    private static final Logger LOG = Logger.getLogger(Discovery.class);
    private static final Duration RETRY_AFTER_FAILURE = Duration.ofSeconds(10);
    private static final Duration REQUEST_TIMEOUT = Duration.ofSeconds(5);
    /** The most bytes of a document. */
    public static final int MAX_BYTES = 256 * 1024;

    private static final int MAX_SHOWN = 200;
    private static final Map<String, String> HEADERS =
            Map.of("Accept", "application/json", "User-Agent", "nexus-oauth");
    /** The endpoint for pushed authorization requests (RFC 9126 section 5). */
    public static final String PUSHED = "pushed_authorization_request_endpoint";

    private static final List<String> ENDPOINTS = List.of(
            "authorization_endpoint", PUSHED, "token_endpoint", "revocation_endpoint", "userinfo_endpoint", "jwks_uri");
    /** The member with other addresses of endpoints for clients that show a certificate (RFC 8705 section 5). */
    private static final String ALIASES = "mtls_endpoint_aliases";

    /** The endpoints that may have another address. */
    private static final List<String> ALIASED = List.of(PUSHED, "token_endpoint", "revocation_endpoint");

    private static final Set<String> ALGORITHMS =
            Arrays.stream(Algorithm.values()).map(Algorithm::name).collect(Collectors.toUnmodifiableSet());
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{[^}/]*}");

    private final HttpExchange exchange;
    private final UrlRule rule;
    private final MetadataCache cache;

    /** Keeps the metadata in {@code cache}, and refuses endpoints that break {@code rule}. */
    public Discovery(HttpExchange exchange, MetadataCache cache, UrlRule rule) {
        this.exchange = exchange;
        this.rule = rule;
        this.cache = cache;
    }

    /**
     * The part of an issuer's document that is used.
     *
     * @param requiresPushed whether the server takes pushed authorization requests only
     * @param authMethods the methods of client authentication that the service knows and the server offers; null when
     *     the document names none
     * @param signingAlgorithms the algorithms of assertions, in the same way
     * @param detailTypes the types of authorization details (RFC 9396 section 10) that the server knows; null when the document names none
     */
    public record Document(
            Map<String, String> endpoints,
            boolean requiresPushed,
            @Nullable Set<String> authMethods,
            @Nullable Set<String> signingAlgorithms,
            @Nullable Set<String> detailTypes) {

        /** Whether the server offers {@code client_secret_post} and not {@code client_secret_basic}. */
        public boolean requiresSecretInBody() {
            return authMethods != null
                    && authMethods.contains("client_secret_post")
                    && !authMethods.contains("client_secret_basic");
        }

        /** The endpoint called {@code name} ({@code token_endpoint} ...), if it is advertised. */
        public Optional<String> endpoint(String name) {
            return Optional.ofNullable(endpoints.get(name));
        }

        /**
         * The endpoint for pushed authorization requests, if {@code always} is set or the server demands them. Fails with
         * Misconfigured when the server then names none.
         */
        public Optional<String> pushed(String provider, boolean always) {
            boolean needed = always || requiresPushed;
            if (needed && !endpoints.containsKey(PUSHED)) {
                throw new ProviderException.Misconfigured(
                        provider,
                        "bad_metadata",
                        "the metadata names no usable endpoint for the pushed authorization requests that are required");
            }
            return needed ? endpoint(PUSHED) : Optional.empty();
        }

        /** Throws Misconfigured when the server names types of authorization details, and not all of {@code wanted}. */
        public void requireDetails(String provider, Set<String> wanted) {
            if (detailTypes != null && !detailTypes.containsAll(wanted)) {
                throw new ProviderException.Misconfigured(
                        provider,
                        "invalid_authorization_details",
                        "its metadata names " + shortened(String.join(", ", detailTypes)) + " only as types");
            }
        }

        /** The number of characters that are kept. */
        int length() {
            return Stream.concat(
                            endpoints.values().stream(),
                            Stream.ofNullable(detailTypes).flatMap(Set::stream))
                    .mapToInt(String::length)
                    .sum();
        }
    }

    /**
     * The metadata of {@code issuer} at {@code url}. Fails with Unavailable when it cannot be fetched now, and with
     * Misconfigured when the document names another issuer (RFC 8414 section 3.3).
     *
     * @param owner the tenant that chose {@code url}, or null when the operator did
     */
    public Uni<Document> metadata(@Nullable String owner, String provider, URI url, Issuer issuer) {
        return onCallersContext(cache.get(
                MetadataCache.Place.of(owner, provider, url.toString()),
                url.toString(),
                () -> fetch(owner, provider, url, issuer)));
    }

    /**
     * Returns to the caller's Vert.x context. Otherwise all callers of a shared request would continue on the first
     * caller's context and share its database session.
     */
    private static <T> Uni<T> onCallersContext(Uni<T> shared) {
        return Uni.createFrom().deferred(() -> {
            Context caller = Vertx.currentContext();
            return caller == null ? shared : shared.emitOn(task -> caller.runOnContext(ignored -> task.run()));
        });
    }

    /** The name of the endpoint {@code name} for clients that show a certificate (RFC 8705 section 5). */
    public static String alias(String name) {
        return ALIASES + "/" + name;
    }

    /** Whether {@code actual} is the issuer at {@code url}; placeholders of a template stand for one path segment. */
    public static boolean isSame(String actual, String url, Issuer issuer) {
        if (issuer.template() == null) {
            return actual.equals(url);
        }
        StringBuilder pattern = new StringBuilder();
        Matcher placeholder = PLACEHOLDER.matcher(issuer.template());
        int end = 0;
        while (placeholder.find()) {
            pattern.append(Pattern.quote(issuer.template().substring(end, placeholder.start())))
                    .append("[^/?#]+");
            end = placeholder.end();
        }
        pattern.append(Pattern.quote(issuer.template().substring(end)));
        return actual.matches(pattern.toString());
    }

    private Uni<Document> fetch(@Nullable String owner, String provider, URI url, Issuer issuer) {
        return document(owner, provider, openId(url))
                .chain(first -> first.body().isPresent()
                        ? Uni.createFrom().item(first)
                        : document(owner, provider, oauth(url)).map(second -> second.after(first)))
                .map(found -> found.body()
                        .orElseThrow(() -> new ProviderException.Unavailable(
                                provider,
                                found.missing() ? "metadata_not_found" : "discovery_failed",
                                RETRY_AFTER_FAILURE)))
                .map(body -> read(provider, url, issuer, body));
    }

    /**
     * The answer of one address of the metadata.
     *
     * @param missing whether the server said that there is nothing (404)
     */
    private record Found(Optional<ReplyBody> body, boolean missing) {

        Found after(Found first) {
            return new Found(body, missing && first.missing);
        }
    }

    private Uni<Found> document(@Nullable String owner, String provider, URI url) {
        HttpExchange.Call call = new HttpExchange.Call("GET", url, HEADERS, null, REQUEST_TIMEOUT, MAX_BYTES);
        return exchange.send(provider, RequestListener.Endpoint.DISCOVERY, call.ownedBy(owner))
                .map(answer -> body(provider, answer));
    }

    private static Found body(String provider, ExchangeResult answer) {
        if (answer instanceof ExchangeResult.NotSent none && none.isByProxy()) {
            throw new ProviderException.Unavailable(provider, none.code(), RETRY_AFTER_FAILURE);
        }
        return answer instanceof ExchangeResult.Complete complete
                ? new Found(
                        complete.status() == 200 ? ReplyBody.json(complete.body()) : Optional.empty(),
                        complete.status() == 404)
                : new Found(Optional.empty(), false);
    }

    private Document read(String provider, URI url, Issuer issuer, ReplyBody body) {
        String named = body.text("/issuer");
        if (!isSame(String.valueOf(named), url.toString(), issuer)) {
            LOG.warnf(
                    "Provider %s: the metadata at %s names the issuer %s. Both must be equal, the final slash too",
                    provider, url, shortened(named));
            throw new ProviderException.Misconfigured(provider, "issuer_mismatch", mismatch(url.toString(), named));
        }
        Map<String, String> endpoints = new HashMap<>();
        Stream.concat(ENDPOINTS.stream(), ALIASED.stream().map(Discovery::alias))
                .forEach(name -> {
                    String endpoint = body.text("/" + name);
                    if (endpoint != null && isUsable(provider, url, name, endpoint)) {
                        endpoints.put(name, endpoint);
                    }
                });
        return new Document(
                Map.copyOf(endpoints),
                body.at("/require_pushed_authorization_requests").asBoolean(),
                offered(body, "/token_endpoint_auth_methods_supported", ClientAuth.REGISTERED::containsKey),
                offered(body, "/token_endpoint_auth_signing_alg_values_supported", ALGORITHMS::contains),
                offered(body, "/authorization_details_types_supported", name -> name.length() <= MAX_SHOWN));
    }

    /** The names in a list of the document that are {@code known}; null when there is no such list. */
    private static @Nullable Set<String> offered(ReplyBody body, String pointer, Predicate<String> known) {
        JsonNode list = body.at(pointer);
        if (!list.isArray() || list.isEmpty()) {
            return null;
        }
        Set<String> found = new TreeSet<>();
        for (JsonNode name : list) {
            if (known.test(name.asText())) {
                found.add(name.asText());
            }
        }
        return found;
    }

    /** Without a token endpoint there is nothing to do; without another one the rest still works. */
    private boolean isUsable(String provider, URI issuer, String name, String endpoint) {
        Optional<String> fault = rule.fault(endpoint);
        if (fault.isPresent() && name.equals("token_endpoint")) {
            throw new ProviderException.Misconfigured(
                    provider, "bad_metadata", "the discovered " + name + " " + fault.get());
        }
        fault.ifPresent(what -> LOG.warnf(
                "Provider %s: the service does not use the %s in the metadata of %s, because it %s",
                provider, name, issuer, what));
        return fault.isEmpty();
    }

    /** Without the text of the server, unless it is the address with or without a final slash. */
    private static String mismatch(String url, @Nullable String named) {
        String other = url.endsWith("/") ? url.substring(0, url.length() - 1) : url + "/";
        return other.equals(named)
                ? "the metadata names the issuer " + other + " and not " + url + "; the final slash counts"
                : "the metadata found at the issuer's address names another issuer";
    }

    private static String shortened(@Nullable String text) {
        String shown = String.valueOf(text);
        return shown.length() <= MAX_SHOWN ? shown : shown.substring(0, MAX_SHOWN) + "...";
    }

    private static URI openId(URI issuer) {
        return URI.create(issuer.toString().replaceFirst("/$", "") + "/.well-known/openid-configuration");
    }

    /** RFC 8414 puts the well-known part between host and path. */
    private static URI oauth(URI issuer) {
        String path = issuer.getRawPath().replaceFirst("/$", "");
        return issuer.resolve("/.well-known/oauth-authorization-server" + path);
    }
}
