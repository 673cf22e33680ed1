package io.nexus.oauth.crypto.wrapping;

import io.nexus.oauth.credential.Secret;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.json.DecodeException;
import io.vertx.core.json.JsonObject;
import io.vertx.core.net.PemTrustOptions;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;

/**
 * Has wrapped keys opened by the Transit engine of HashiCorp Vault or OpenBao. No redirects, one deadline, bounded. The client is made
 * anew each time, as keys are rare and the files of the certificates and the token change.
 *
 * @see <a href="https://developer.hashicorp.com/vault/api-docs/secret/transit">Transit</a>
 * @see <a href="https://developer.hashicorp.com/vault/api-docs/auth/kubernetes">the Kubernetes login</a>
 */
public final class TransitWrapper implements KeyWrapper {

    private static final int LARGEST = 64 * 1024;
    private static final int LENGTH = 32;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*");
    private static final Pattern HEADER = Pattern.compile("[\\x21-\\x7e]+");

    private final Vertx vertx;
    private final TransitConfig config;

    public TransitWrapper(Vertx vertx, TransitConfig config) {
        this.vertx = vertx;
        this.config = config;
    }

    @Override
    public Secret unwrap(String wrapped) {
        URI url = config.url().orElseThrow(() -> new Refusal("nexus.oauth.encryption.transit.url is not set"));
        fault(url).ifPresent(fault -> {
            throw new Refusal(fault);
        });
        HttpClient client = client();
        try {
            return token(client)
                    .compose(token -> decrypt(client, token, wrapped))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .get(config.timeout().toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new Refusal("it did not answer within " + config.timeout().toMillis() + " ms");
        } catch (ExecutionException e) {
            // the kind of any other failure: its text may hold what was sent
            throw e.getCause() instanceof Refusal refusal
                    ? refusal
                    : new Refusal("it cannot be reached ("
                            + Objects.requireNonNull(e.getCause()).getClass().getSimpleName() + ")");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Refusal("the process is about to end");
        } finally {
            client.close();
        }
    }

    private Optional<String> fault(URI url) {
        if (url.getHost() == null || url.getRawUserInfo() != null || url.getRawQuery() != null) {
            return Optional.of("transit.url is not an absolute URL of a host without user information and query");
        }
        boolean plain = "http".equalsIgnoreCase(url.getScheme())
                && config.httpHosts().orElse(List.of()).contains(url.getHost());
        if (!plain && !"https".equalsIgnoreCase(url.getScheme())) {
            return Optional.of("transit.url must be https, or its host one of transit.http-hosts");
        }
        boolean named = NAME.matcher(config.mount()).matches()
                && NAME.matcher(config.key()).matches()
                && NAME.matcher(config.kubernetesMount()).matches();
        return named ? Optional.empty() : Optional.of("transit.mount, .key or .kubernetes-mount is not a name");
    }

    private HttpClient client() {
        int patience = Math.toIntExact(config.timeout().toMillis());
        HttpClientOptions options =
                new HttpClientOptions().setConnectTimeout(patience).setKeepAlive(false);
        config.caFile()
                .ifPresent(
                        file -> options.setTrustOptions(new PemTrustOptions().addCertValue(Buffer.buffer(read(file)))));
        return vertx.createHttpClient(options);
    }

    private Future<Optional<String>> token(HttpClient client) {
        if (config.kubernetesRole().isEmpty()) {
            return Future.succeededFuture(config.tokenFile().map(TransitWrapper::line));
        }
        JsonObject login = new JsonObject()
                .put("role", config.kubernetesRole().get())
                .put("jwt", line(config.kubernetesTokenFile()));
        return post(client, "auth/" + config.kubernetesMount() + "/login", Optional.empty(), login)
                .map(body -> Optional.of(text(body, "auth", "client_token")));
    }

    private Future<Secret> decrypt(HttpClient client, Optional<String> token, String wrapped) {
        return post(
                        client,
                        config.mount() + "/decrypt/" + config.key(),
                        token,
                        new JsonObject().put("ciphertext", wrapped))
                .map(body -> key(text(body, "data", "plaintext")));
    }

    private Future<Buffer> post(HttpClient client, String path, Optional<String> token, JsonObject body) {
        RequestOptions options = new RequestOptions()
                .setMethod(HttpMethod.POST)
                .setAbsoluteURI(config.url().map(URI::toString).orElse("").replaceFirst("/+$", "") + "/v1/" + path)
                .setFollowRedirects(false)
                .putHeader("Content-Type", "application/json")
                .putHeader("X-Vault-Request", "true");
        token.ifPresent(text -> options.putHeader("X-Vault-Token", text));
        config.namespace().ifPresent(name -> options.putHeader("X-Vault-Namespace", name));
        return client.request(options)
                .compose(request -> request.send(body.toBuffer()))
                .compose(response -> response.statusCode() == 200
                        ? whole(response)
                        : Future.failedFuture(new Refusal(path + ": " + meaning(response.statusCode()))));
    }

    private static String meaning(int status) {
        String meaning = switch (status) {
            case 400 -> "it does not take what it was sent: altered, or made by another key or role";
            case 403 -> "it refuses us: look at the token, its role and its policy";
            case 404 -> "there is no such mount or key";
            case 307, 308 -> "it redirects: name an address that answers by itself";
            case 503 -> "it is sealed or not ready";
            default -> "it failed";
        };
        return meaning + " (" + status + ")";
    }

    private static Future<Buffer> whole(HttpClientResponse response) {
        Promise<Buffer> whole = Promise.promise();
        Buffer body = Buffer.buffer();
        response.handler(part -> {
            if (body.length() + part.length() > LARGEST) {
                whole.tryFail(new Refusal("its answer is too large"));
                response.request().reset();
            } else {
                body.appendBuffer(part);
            }
        });
        response.exceptionHandler(whole::tryFail);
        response.endHandler(end -> whole.tryComplete(body));
        return whole.future();
    }

    private static String text(Buffer body, String object, String field) {
        try {
            return (String) Objects.requireNonNull(
                    body.toJsonObject().getJsonObject(object).getValue(field));
        } catch (DecodeException | ClassCastException | NullPointerException e) {
            // their texts may quote the answer
            throw new Refusal("its answer has no " + object + "." + field);
        }
    }

    /** What was wrapped are the bytes of the key, which Transit carries as base64. */
    private static Secret key(String plaintext) {
        byte[] key;
        try {
            key = Base64.getDecoder().decode(plaintext);
        } catch (IllegalArgumentException e) {
            throw new Refusal("its answer is not base64");
        }
        try {
            if (key.length != LENGTH) {
                throw new Refusal("what was wrapped is not the 32 bytes of a key");
            }
            return Secret.of(Base64.getUrlEncoder().encodeToString(key));
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static String line(Path file) {
        String text = read(file).strip();
        if (!HEADER.matcher(text).matches()) {
            throw new Refusal("the file " + file + " holds no token");
        }
        return text;
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new Refusal("the file " + file + " cannot be read");
        }
    }
}
