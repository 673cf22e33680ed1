package io.nexus.oauth.access.issuer;

import io.nexus.oauth.access.caller.IssuerConfig;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.provider.egress.DocumentFetch;
import io.nexus.oauth.provider.egress.ForwardProxy;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemTrustOptions;
import io.vertx.core.net.TrustOptions;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Sends the requests to an issuer. Its keys come from a file, from a configured URL, or from the URL in the discovery
 * document (OpenID Connect Discovery 1.0 section 4). {@link DocumentFetch} checks URLs and responses. The files of the
 * certificates and the token are read for each request, because requests are rare and the files change.
 */
final class IssuerClient {

    /** The statuses with which a token endpoint rejects a request (RFC 6749 section 5.2). */
    private static final Set<Integer> REJECTIONS = Set.of(400, 401);

    /** The statuses with which a userinfo endpoint rejects an access token (RFC 6750 section 3.1). */
    private static final Set<Integer> TOKEN_REJECTIONS = Set.of(400, 401, 403);

    private final Vertx vertx;
    private final IssuerConfig config;
    private final boolean allowInsecureHttp;
    private final DocumentFetch documents;

    IssuerClient(Vertx vertx, IssuerConfig config, boolean allowInsecureHttp, ForwardProxy proxy) {
        this.vertx = vertx;
        this.config = config;
        this.allowInsecureHttp = allowInsecureHttp;
        this.documents = new DocumentFetch(
                vertx,
                host(),
                allowInsecureHttp,
                "jwks-url of nexus.oauth.access.issuers, for " + config.issuer(),
                proxy);
    }

    /** The key set as text. Fails with {@link IssuerUnavailable}. */
    Future<String> keys() {
        return (config.jwksFile().isPresent() ? file(config.jwksFile().get()).map(Buffer::toString) : remote())
                .recover(IssuerClient::unavailable);
    }

    /** The fault of the configured URL, after its key; empty when it is valid. */
    Optional<String> urlFault() {
        if (config.jwksUrl().isPresent()) {
            return fault(config.jwksUrl().get()).map(fault -> ".jwks-url: " + fault);
        }
        return metadataFault().map(fault -> ".issuer: " + fault + ", or set jwks-url or jwks-file");
    }

    /** The fault of the URL of the issuer's metadata; empty when it is valid. */
    Optional<String> metadataFault() {
        try {
            return fault(metadataUrl());
        } catch (IllegalArgumentException e) {
            return Optional.of("is not a URL");
        }
    }

    /** The issuer's metadata (OpenID Connect Discovery 1.0 section 4). Fails with {@link IssuerUnavailable}. */
    Future<JsonObject> metadata() {
        return get(metadataUrl()).map(this::parsed).recover(IssuerClient::unavailable);
    }

    /**
     * Posts {@code form} to the token endpoint {@code url}, at most once. Fails with {@link IssuerUnavailable}, and
     * with {@link RefusedCode} when the endpoint rejects the request.
     *
     * @param headers headers to send; may contain secrets
     */
    Future<String> post(URI url, Map<String, String> headers, String form) {
        return trust().compose(trust -> documents.post(url, headers, form, trust.orElse(null)))
                .recover(failure ->
                        failure instanceof DocumentFetch.Refused refused && REJECTIONS.contains(refused.status())
                                ? Future.failedFuture(new RefusedCode(refused.status()))
                                : unavailable(failure));
    }

    /** The secret in a file, without surrounding white space. Fails with {@link IssuerUnavailable}. */
    Future<Secret> secret(Path path) {
        return file(path).map(text -> Secret.of(text.toString().strip()));
    }

    private Optional<String> fault(URI url) {
        return DocumentFetch.fault(url, allowInsecureHttp);
    }

    /** The host that the operator named; empty when the URL is invalid. */
    private String host() {
        try {
            return Objects.requireNonNullElse(named().getHost(), "");
        } catch (IllegalArgumentException e) {
            return "";
        }
    }

    private URI named() {
        return config.jwksUrl().orElseGet(this::metadataUrl);
    }

    private Future<String> remote() {
        return config.jwksUrl().isPresent()
                ? get(config.jwksUrl().get())
                : get(metadataUrl()).map(this::parsed).compose(document -> get(address(document, "jwks_uri")));
    }

    private URI metadataUrl() {
        return URI.create(config.issuer().replaceFirst("/$", "") + "/.well-known/openid-configuration");
    }

    private JsonObject parsed(String metadata) {
        try {
            JsonObject document = new JsonObject(metadata);
            if (!config.issuer().equals(document.getValue("issuer"))) {
                throw new IssuerUnavailable("the metadata names another issuer");
            }
            return document;
        } catch (DecodeException e) {
            throw new IssuerUnavailable("the metadata is not a JSON object");
        }
    }

    /** The URL in the field {@code name} of {@code metadata}. Throws {@link IssuerUnavailable}. */
    static URI address(JsonObject metadata, String name) {
        try {
            return URI.create(Objects.requireNonNull(metadata.getString(name)));
        } catch (ClassCastException | NullPointerException | IllegalArgumentException e) {
            throw new IssuerUnavailable("the metadata has no " + name);
        }
    }

    /** As {@link #address}; empty when {@code metadata} has no such field or its URL may not be used. */
    Optional<URI> optionalAddress(JsonObject metadata, String name) {
        try {
            URI url = address(metadata, name);
            return fault(url).isPresent() ? Optional.empty() : Optional.of(url);
        } catch (IssuerUnavailable e) {
            return Optional.empty();
        }
    }

    /**
     * The claims at the userinfo endpoint {@code url} (OpenID Connect Core 1.0 section 5.3); empty when it does not accept
     * {@code accessToken} or returns no JSON object. Fails with {@link IssuerUnavailable}.
     */
    Future<JsonObject> userInfo(URI url, Secret accessToken) {
        Map<String, String> headers =
                Map.of("Accept", "application/json", "Authorization", "Bearer " + accessToken.reveal());
        return trust().compose(trust -> documents.get(url, headers, trust.orElse(null)))
                .map(JsonObject::new)
                .recover(failure -> failure instanceof DecodeException
                                || (failure instanceof DocumentFetch.Refused refused
                                        && TOKEN_REJECTIONS.contains(refused.status()))
                        ? Future.succeededFuture(new JsonObject())
                        : unavailable(failure));
    }

    private Future<String> get(URI url) {
        return trust().compose(trust -> token(url).compose(token -> {
            Map<String, String> headers = new HashMap<>(Map.of("Accept", "application/json"));
            token.ifPresent(text -> headers.put("Authorization", "Bearer " + text));
            return documents.get(url, headers, trust.orElse(null));
        }));
    }

    /** The certificates of the file only, or empty for those that the runtime trusts. */
    private Future<Optional<TrustOptions>> trust() {
        return config.caFile().isEmpty()
                ? Future.succeededFuture(Optional.empty())
                : file(config.caFile().get()).map(pem -> Optional.of(new PemTrustOptions().addCertValue(pem)));
    }

    /**
     * The service's token is sent only to the server that the operator named, never to another one that a document
     * names.
     */
    private Future<Optional<String>> token(URI url) {
        URI named = named();
        boolean same = named.getScheme().equals(url.getScheme())
                && named.getAuthority().equals(url.getAuthority());
        return config.tokenFile().isPresent() && same
                ? file(config.tokenFile().get())
                        .map(text -> Optional.of(text.toString().strip()))
                : Future.succeededFuture(Optional.empty());
    }

    private Future<Buffer> file(Path path) {
        return vertx.fileSystem()
                .readFile(path.toString())
                .recover(failure -> Future.failedFuture(new IssuerUnavailable("the file cannot be read: " + path)));
    }

    private static <T> Future<T> unavailable(Throwable failure) {
        return Future.failedFuture(
                failure instanceof IssuerUnavailable ? failure : new IssuerUnavailable(reason(failure)));
    }

    /** A text of the service, or the class of the failure, whose message may contain what was sent. */
    private static String reason(Throwable failure) {
        return failure instanceof DocumentFetch.Refused refused
                ? String.valueOf(refused.getMessage())
                : failure.getClass().getSimpleName();
    }
}
