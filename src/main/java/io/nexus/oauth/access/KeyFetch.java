package io.nexus.oauth.access;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemTrustOptions;
import java.net.URI;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Gets the keys of an issuer: from a file, from its address, or from where its discovery document says (OpenID Connect Discovery
 * 1.0 section 4). No redirects, one deadline, bounded. The client is made anew each time, as fetches are rare and the files of the
 * certificates and the token change.
 */
final class KeyFetch {

    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");
    private static final long TOTAL_MS = 5_000;
    private static final int CONNECT_MS = 3_000;
    private static final int LARGEST = 256 * 1024;

    private final Vertx vertx;
    private final IssuerConfig config;
    private final boolean allowInsecureHttp;

    KeyFetch(Vertx vertx, IssuerConfig config, boolean allowInsecureHttp) {
        this.vertx = vertx;
        this.config = config;
        this.allowInsecureHttp = allowInsecureHttp;
    }

    /** The key set as text. Fails with {@link IssuerUnavailable}. */
    Future<String> keys() {
        return (config.jwksFile().isPresent() ? file(config.jwksFile().get()).map(Buffer::toString) : remote())
                .recover(failure -> Future.failedFuture(
                        failure instanceof IssuerUnavailable ? failure : new IssuerUnavailable(reason(failure))));
    }

    /** What is wrong with the address that is set, after its key; empty when nothing is. */
    Optional<String> urlFault() {
        if (config.jwksUrl().isPresent()) {
            return fault(config.jwksUrl().get()).map(fault -> ".jwks-url: " + fault);
        }
        try {
            return fault(metadata()).map(fault -> ".issuer: " + fault + ", or name jwks-url or jwks-file");
        } catch (IllegalArgumentException e) {
            return Optional.of(".issuer: is not a URL, so name jwks-url or jwks-file");
        }
    }

    private Optional<String> fault(URI url) {
        boolean plain = "http".equalsIgnoreCase(url.getScheme());
        if (url.getHost() == null || url.getRawUserInfo() != null || url.getRawFragment() != null) {
            return Optional.of("is not an absolute URL of a host without user information and fragment");
        }
        boolean safe = "https".equalsIgnoreCase(url.getScheme())
                || (plain && allowInsecureHttp && LOOPBACK.contains(url.getHost()));
        return safe ? Optional.empty() : Optional.of("must be https");
    }

    private Future<String> remote() {
        return client().compose(client -> {
            Future<String> keys = config.jwksUrl().isPresent()
                    ? get(client, config.jwksUrl().get())
                    : get(client, metadata()).compose(body -> get(client, jwksUri(body)));
            return keys.onComplete(ignored -> client.close());
        });
    }

    private URI metadata() {
        return URI.create(config.issuer().replaceFirst("/$", "") + "/.well-known/openid-configuration");
    }

    private URI jwksUri(String metadata) {
        try {
            JsonObject document = new JsonObject(metadata);
            if (!config.issuer().equals(document.getValue("issuer"))) {
                throw new IssuerUnavailable("its metadata names another issuer");
            }
            return URI.create(Objects.requireNonNull(document.getString("jwks_uri")));
        } catch (DecodeException | ClassCastException | NullPointerException | IllegalArgumentException e) {
            throw new IssuerUnavailable("its metadata names no jwks_uri");
        }
    }

    private Future<HttpClient> client() {
        HttpClientOptions options =
                new HttpClientOptions().setConnectTimeout(CONNECT_MS).setKeepAlive(false);
        if (config.caFile().isEmpty()) {
            return Future.succeededFuture(vertx.createHttpClient(options));
        }
        return file(config.caFile().get())
                .map(pem -> vertx.createHttpClient(options.setTrustOptions(new PemTrustOptions().addCertValue(pem))));
    }

    private Future<String> get(HttpClient client, URI url) {
        Optional<String> fault = fault(url);
        if (fault.isPresent()) {
            return Future.failedFuture(new IssuerUnavailable("the address of its keys " + fault.get()));
        }
        RequestOptions options = new RequestOptions()
                .setAbsoluteURI(url.toString())
                .setFollowRedirects(false)
                .putHeader("Accept", "application/json");
        return token(url).compose(token -> {
            token.ifPresent(text -> options.putHeader("Authorization", "Bearer " + text));
            return within(
                    client.request(options).compose(request -> request.send().compose(KeyFetch::body)));
        });
    }

    /** Our own token goes to the server that the operator named, and to no other that a document names. */
    private Future<Optional<String>> token(URI url) {
        URI named = config.jwksUrl().orElseGet(this::metadata);
        boolean same = named.getScheme().equals(url.getScheme())
                && named.getAuthority().equals(url.getAuthority());
        return config.tokenFile().isPresent() && same
                ? file(config.tokenFile().get())
                        .map(text -> Optional.of(text.toString().strip()))
                : Future.succeededFuture(Optional.empty());
    }

    private static Future<String> body(HttpClientResponse response) {
        if (response.statusCode() != 200) {
            return Future.failedFuture(new IssuerUnavailable("it answered with status " + response.statusCode()));
        }
        Promise<String> whole = Promise.promise();
        Buffer body = Buffer.buffer();
        response.handler(part -> {
            if (body.length() + part.length() > LARGEST) {
                whole.tryFail(new IssuerUnavailable("its answer is too large"));
                response.request().reset();
            } else {
                body.appendBuffer(part);
            }
        });
        response.exceptionHandler(whole::tryFail);
        response.endHandler(end -> whole.tryComplete(body.toString()));
        return whole.future();
    }

    private <T> Future<T> within(Future<T> work) {
        Promise<T> first = Promise.promise();
        long timer = vertx.setTimer(TOTAL_MS, ignored -> first.tryFail(new IssuerUnavailable("it did not answer")));
        work.onComplete(done -> {
            vertx.cancelTimer(timer);
            if (done.succeeded()) {
                first.tryComplete(done.result());
            } else {
                first.tryFail(done.cause());
            }
        });
        return first.future();
    }

    private Future<Buffer> file(Path path) {
        return vertx.fileSystem()
                .readFile(path.toString())
                .recover(failure -> Future.failedFuture(new IssuerUnavailable("a file cannot be read: " + path)));
    }

    /** The kind of the failure; its text may hold what was sent. */
    private static String reason(Throwable failure) {
        return failure.getClass().getSimpleName();
    }
}
