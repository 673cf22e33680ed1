package io.nexus.oauth.testing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey;
import org.jose4j.jwk.JsonWebKeySet;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.jwk.RsaJwkGenerator;
import org.jose4j.jws.AlgorithmIdentifiers;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.JwtClaims;
import org.jose4j.jwt.NumericDate;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;

/** A small issuer of callers' tokens: keys of its own, a discovery document and a key set on loopback, and a look at who asked. */
public final class TestIssuer implements AutoCloseable {

    public static final String AUDIENCE = "nexus-oauth";

    private final HttpServer server;
    private final TestLogin login = new TestLogin(this);
    private final AtomicInteger fetches = new AtomicInteger();
    private volatile PublicJsonWebKey key;
    private volatile List<PublicJsonWebKey> published;
    private volatile int status = 200;
    private volatile String demanded = "";
    private volatile String metadataIssuer;
    private volatile String metadataKeys;
    private volatile String metadataMore = "";

    public TestIssuer() {
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 16);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        key = rsa();
        published = List.of(key);
        metadataIssuer = url();
        metadataKeys = keysUrl();
        server.createContext("/.well-known/openid-configuration", this::metadata);
        server.createContext("/keys", this::keys);
        server.createContext("/authorize", login::authorize);
        server.createContext("/login", login::login);
        server.createContext("/token", login::token);
        server.createContext("/userinfo", login::userInfo);
        server.createContext("/logout", login::logout);
        server.start();
    }

    public static PublicJsonWebKey rsa() {
        return named(() -> RsaJwkGenerator.generateJwk(2048), AlgorithmIdentifiers.RSA_USING_SHA256);
    }

    public static PublicJsonWebKey ec() {
        return named(
                () -> EcJwkGenerator.generateJwk(EllipticCurves.P256),
                AlgorithmIdentifiers.ECDSA_USING_P256_CURVE_AND_SHA256);
    }

    public String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    public String keysUrl() {
        return url() + "/keys";
    }

    /** Where people sign in. */
    public TestLogin login() {
        return login;
    }

    public PublicJsonWebKey key() {
        return key;
    }

    /** Signs with {@code next} from now on, and publishes it beside {@code more}. */
    public void rotate(PublicJsonWebKey next, PublicJsonWebKey... more) {
        key = next;
        published = java.util.stream.Stream.concat(java.util.stream.Stream.of(next), List.of(more).stream())
                .toList();
    }

    /** Publishes these and no other. */
    public void publish(PublicJsonWebKey... keys) {
        published = List.of(keys);
    }

    /** Answers with {@code code} from now on. */
    public void answer(int code) {
        status = code;
    }

    /** Gives its keys only to who sends this bearer token. */
    public void demand(String token) {
        demanded = "Bearer " + token;
    }

    public void claimToBe(String issuer) {
        metadataIssuer = issuer;
    }

    /** Says this in its metadata, too: fields of a JSON object. */
    public void say(String fields) {
        metadataMore = ", " + fields;
    }

    /** Says that its keys are there. */
    public void pointTo(String keysUrl) {
        metadataKeys = keysUrl;
    }

    /** How often its keys were asked for. */
    public int fetches() {
        return fetches.get();
    }

    /** Claims that are in order. */
    public JwtClaims claims(String subject) {
        JwtClaims claims = new JwtClaims();
        claims.setIssuer(url());
        claims.setAudience(AUDIENCE);
        claims.setSubject(subject);
        Instant now = Instant.now();
        claims.setIssuedAt(NumericDate.fromMilliseconds(now.toEpochMilli()));
        claims.setExpirationTime(
                NumericDate.fromMilliseconds(now.plus(Duration.ofMinutes(10)).toEpochMilli()));
        return claims;
    }

    /** Of an account with these roles at the issuer. */
    public String token(String subject, String tenant, String... roles) {
        JwtClaims claims = claims(subject);
        claims.setClaim("org", Map.of("tenant", tenant));
        claims.setClaim("realm_access", Map.of("roles", List.of(roles)));
        return sign(claims);
    }

    public String sign(JwtClaims claims) {
        return sign(claims, key);
    }

    public static String sign(JwtClaims claims, PublicJsonWebKey with) {
        JsonWebSignature signature = new JsonWebSignature();
        signature.setPayload(claims.toJson());
        signature.setKey(with.getPrivateKey());
        signature.setKeyIdHeaderValue(with.getKeyId());
        signature.setAlgorithmHeaderValue(with.getAlgorithm());
        return compact(signature);
    }

    public static String compact(JsonWebSignature signature) {
        try {
            return signature.getCompactSerialization();
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    /** The public keys as they are published. */
    public String keySet() {
        return new JsonWebKeySet(published).toJson(JsonWebKey.OutputControlLevel.PUBLIC_ONLY);
    }

    @Override
    public void close() {
        server.stop(0);
    }

    private void metadata(HttpExchange exchange) throws IOException {
        String document = """
                {"issuer": "%1$s", "jwks_uri": "%2$s", "authorization_endpoint": "%3$s/authorize", "token_endpoint": "%3$s/token", "userinfo_endpoint": "%3$s/userinfo", "end_session_endpoint": "%3$s/logout"%4$s}""".formatted(metadataIssuer, metadataKeys, url(), metadataMore);
        respond(exchange, status, document);
    }

    private void keys(HttpExchange exchange) throws IOException {
        fetches.incrementAndGet();
        String sent = Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst("Authorization"), "");
        boolean welcome = demanded.isEmpty() || demanded.equals(sent);
        respond(exchange, welcome ? status : 401, welcome ? keySet() : "{}");
    }

    static void respond(HttpExchange exchange, int status, String text) throws IOException {
        byte[] body = text.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().add("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    private static PublicJsonWebKey named(Maker maker, String algorithm) {
        try {
            PublicJsonWebKey key = maker.make();
            key.setKeyId(UUID.randomUUID().toString());
            key.setAlgorithm(algorithm);
            return key;
        } catch (JoseException e) {
            throw new IllegalStateException(e);
        }
    }

    private interface Maker {
        PublicJsonWebKey make() throws JoseException;
    }
}
