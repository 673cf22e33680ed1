package io.nexus.oauth.testing;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;

/**
 * A real authorization server on a loopback port, as unforgiving as the strictest of them: a refresh token works once, and a
 * second use ends its whole family. Tokens carry their grant and generation ({@code rt~user~family~generation}), so that what a
 * client holds can be judged. Its log of calls is the oracle of the tests. A machine asks with {@code client_credentials}; the
 * audience of its request is its user here, because such a request names nobody. With an assertion that is a grant the subject is the user;
 * A token of a user is exchanged for one of an API by RFC 8693, and on behalf of the user; the {@code sub} in it is the user here. An identity
 * assertion that it issued is a grant once, at the server that it names. {@code /installations/USER/access_tokens} takes the assertion as a bearer token, and answers as GitHub does.
 */
public final class StrictProvider implements AutoCloseable {

    /** The client that it knows. */
    public static final String CLIENT = "nexus-test";

    /** The secret of {@link #CLIENT}. */
    public static final String SECRET = "s3cret & more";

    /** The tokens of one generation of a grant. */
    public record Tokens(String access, String refresh) {}

    /**
     * One request to a token endpoint.
     *
     * @param arrived when it came, of {@link System#nanoTime()}
     * @param ended when its answer was written or refused
     * @param concurrent how many requests of the same grant were being served, this one included
     */
    public record Call(String provider, String user, String token, long arrived, long ended, int concurrent) {}

    /** How a request is answered. */
    public interface Reply {
        /** Answers {@code exchange}. */
        void answer(Exchange exchange) throws IOException;
    }

    /** A request stopped on its way: it has arrived, and is answered when it is let go. */
    public static final class Hold implements Reply {
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch released = new CountDownLatch(1);
        private final Reply then;

        private Hold(Reply then) {
            this.then = then;
        }

        /** Waits until the request is here. */
        public void awaitArrival() {
            await(arrived, "no request arrived");
        }

        /** Lets it go on. */
        public void release() {
            released.countDown();
        }

        @Override
        public void answer(Exchange exchange) throws IOException {
            arrived.countDown();
            await(released, "a request was never let go");
            then.answer(exchange);
        }

        private static void await(CountDownLatch latch, String otherwise) {
            try {
                if (!latch.await(30, TimeUnit.SECONDS)) {
                    throw new AssertionError(otherwise);
                }
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    /** A grant of a user, who may have had others before. */
    private record Family(int number, RotatingGrant grant) {}

    private final int port;
    private volatile ServerSocket server;
    private volatile Thread acceptor;
    private final List<Socket> sockets = new CopyOnWriteArrayList<>();
    private final Map<String, Family> families = new HashMap<>();
    private final Map<String, Queue<Reply>> scripts = new HashMap<>();
    private final Map<String, AtomicInteger> busy = new ConcurrentHashMap<>();
    private final List<Call> calls = new CopyOnWriteArrayList<>();
    private final List<Map<String, String>> revocations = new CopyOnWriteArrayList<>();
    private final List<List<String>> machineRequests = new CopyOnWriteArrayList<>();
    private final List<Map<String, String>> exchanges = new CopyOnWriteArrayList<>();

    /** The identity assertions that were issued and not used, with the users of them. */
    private final Map<String, String> identityAssertions = new ConcurrentHashMap<>();

    private volatile String secret = SECRET;
    private final Map<String, Integer> machineTokens = new HashMap<>();
    private final AtomicInteger served = new AtomicInteger();
    private volatile Duration delay = Duration.ZERO;
    private volatile String expiresIn = "3600";
    private volatile int userinfo = 200;
    private volatile AssertionCheck assertions;
    private volatile AssertionCheck grants;

    /** Starts it. */
    public StrictProvider() {
        server = listen(0);
        port = server.getLocalPort();
    }

    private ServerSocket listen(int at) {
        try {
            ServerSocket socket = new ServerSocket();
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 500);
            acceptor = Thread.ofVirtual().start(() -> accept(socket));
            return socket;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Whether it refuses connections from now on. */
    public void down(boolean down) {
        try {
            if (down) {
                server.close();
                acceptor.join(); // until then the system may still accept a connection
            } else if (server.isClosed()) {
                server = listen(port);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** Where it is. */
    public String url() {
        return "http://127.0.0.1:" + port;
    }

    /** Forgets everything. */
    public synchronized void reset() {
        families.clear();
        scripts.clear();
        calls.clear();
        revocations.clear();
        machineRequests.clear();
        exchanges.clear();
        identityAssertions.clear();
        machineTokens.clear();
        secret = SECRET;
        served.set(0);
        delay = Duration.ZERO;
        expiresIn = "3600";
        userinfo = 200;
        assertions = null;
        grants = null;
    }

    /** From now on assertions that are a grant are verified so; before, every one is refused. */
    public AssertionCheck trustGrants(AssertionCheck check) {
        grants = check;
        return check;
    }

    /** From now on {@link #CLIENT} authenticates by assertions, and its secret counts nothing. */
    public AssertionCheck trust(AssertionCheck check) {
        assertions = check;
        return check;
    }

    /** The first tokens of a new grant of {@code user}; it leaves an earlier one alone. */
    public synchronized Tokens grant(String user) {
        int number = families.containsKey(user) ? families.get(user).number() + 1 : 1;
        Family family = new Family(number, new RotatingGrant());
        families.put(user, family);
        return tokens(user, family);
    }

    /** The tokens of the newest generation. */
    public synchronized Tokens current(String user) {
        return tokens(user, families.get(user));
    }

    /** Whether the user's newest grant was ended: by a reuse or a revocation. */
    public synchronized boolean isDead(String user) {
        return families.get(user).grant().isDead();
    }

    /** Whether the access token works. */
    public synchronized boolean accepts(String accessToken) {
        String[] parts = accessToken.split("~");
        Family family = parts.length == 4 ? families.get(parts[1]) : null;
        return family != null
                && family.number() == Integer.parseInt(parts[2])
                && family.grant().accepts(Integer.parseInt(parts[3]));
    }

    /** Every answer of a token endpoint takes this long. */
    public void delay(Duration each) {
        delay = each;
    }

    /** The secret that it accepts from now on. */
    public void secret(String accepted) {
        secret = accepted;
    }

    /** The requests of machines in order: the parameters of each as {@code name=value}, without the secret. */
    public List<List<String>> machineRequests() {
        return List.copyOf(machineRequests);
    }

    /** The requests that exchange a token of a user, or use an identity assertion, in order: the parameters of each. */
    public List<Map<String, String>> exchanges() {
        return List.copyOf(exchanges);
    }

    /** What {@code expires_in} is, as JSON; null to leave it out. */
    public void expiresIn(String json) {
        expiresIn = json;
    }

    /** The status of the userinfo endpoint. */
    public void userinfo(int status) {
        userinfo = status;
    }

    /** The next request of {@code user} is answered so; several queue up. */
    public synchronized void next(String user, Reply reply) {
        scripts.computeIfAbsent(user, ignored -> new ArrayDeque<>()).add(reply);
    }

    /** The next revocation of any token of {@code user} is answered so. */
    public void nextRevocation(String user, Reply reply) {
        next("revoke " + user, reply);
    }

    /** The next request of {@code user} waits before it is carried out. */
    public Hold hold(String user) {
        return hold(user, spend());
    }

    /** The next request of {@code user} waits and is then answered so. */
    public Hold hold(String user, Reply then) {
        Hold hold = new Hold(then);
        next(user, hold);
        return hold;
    }

    /** The requests that spent, or tried to spend, a refresh token of {@code user}. */
    public List<Call> calls(String user) {
        return calls.stream().filter(call -> call.user().equals(user)).toList();
    }

    /** All requests to token endpoints. */
    public List<Call> calls() {
        return List.copyOf(calls);
    }

    /** How many requests to token endpoints arrived, the unanswered ones included. */
    public int arrivals() {
        return served.get();
    }

    /** What was asked to be revoked, in order: the parameters of each request. */
    public List<Map<String, String>> revocations() {
        return List.copyOf(revocations);
    }

    /** As the rules have it: the normal answer. */
    public Reply spend() {
        return exchange -> exchange.json(200, spent(exchange));
    }

    /** An answer that is no business of the grant's. */
    public static Reply status(int status, String headers, String body) {
        return exchange -> exchange.write(status, headers, body);
    }

    /** An OAuth error. */
    public static Reply error(int status, String code) {
        return exchange -> exchange.json(status, "{\"error\": \"" + code + "\"}");
    }

    /** Come back later. */
    public static Reply rateLimited(String retryAfter) {
        return status(429, "Retry-After: " + retryAfter, "");
    }

    /** A gateway's page. */
    public static Reply html() {
        return status(200, "Content-Type: text/html", "<html>Bad day</html>");
    }

    /** This JSON. */
    public static Reply body(String json) {
        return exchange -> exchange.json(200, json);
    }

    /** Nothing is spent, and the connection is cut. */
    public static Reply cut() {
        return Exchange::cut;
    }

    /** The token is spent, but its answer never arrives. */
    public Reply spendAndReset() {
        return exchange -> {
            spent(exchange);
            exchange.cut();
        };
    }

    /** The token is spent, and half of the answer arrives. */
    public Reply spendAndTruncate() {
        return exchange -> {
            String body = spent(exchange);
            exchange.raw("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + body.length()
                    + "\r\nConnection: close\r\n\r\n" + body.substring(0, body.length() / 2));
        };
    }

    /** The answer leaves the refresh token out. */
    public Reply spendWithoutRefreshToken() {
        return exchange -> {
            Tokens tokens = exchange.tokens(true);
            exchange.json(200, json(tokens.access(), null));
        };
    }

    /** The answer holds the new refresh token and nothing else. */
    public Reply spendForRefreshTokenOnly() {
        return exchange -> exchange.json(
                200, "{\"refresh_token\": \"" + exchange.tokens(false).refresh() + "\"}");
    }

    /** The answer has these fields too. */
    public Reply spendWith(String fields) {
        return exchange -> exchange.json(200, spent(exchange).replaceFirst("\\{", "{" + fields + ", "));
    }

    /** The normal answer as these bytes, under these headers. */
    public Reply spendAs(String headers, Function<String, byte[]> encode) {
        return exchange -> exchange.write(200, headers, encode.apply(spent(exchange)));
    }

    private static Tokens tokens(String user, Family family) {
        String middle = "~" + user + "~" + family.number() + "~";
        RotatingGrant grant = family.grant();
        return new Tokens("at" + middle + grant.access(), "rt" + middle + grant.generation());
    }

    /** A token of the client itself, with this further content. */
    public Reply machineToken(String fields) {
        return exchange -> exchange.json(200, machineToken(exchange).replaceFirst("\\{", "{" + fields + ", "));
    }

    private synchronized String machineToken(Exchange exchange) throws IOException {
        if (exchange.isGrant()) {
            exchange.requireGrant();
        } else {
            exchange.requireClient();
        }
        return json("at~" + exchange.user() + "~0~" + machineTokens.merge(exchange.user(), 1, Integer::sum), null);
    }

    /** RFC 8693 section 2.2.1. Tokens are counted by user. */
    private synchronized String exchangedToken(Exchange exchange) throws IOException {
        exchange.requireClient();
        String user = exchange.user();
        String type =
                exchange.form.getOrDefault("requested_token_type", "urn:ietf:params:oauth:token-type:access_token");
        String token = "at~" + user + "~0~" + machineTokens.merge(user, 1, Integer::sum);
        if (type.endsWith(":id-jag")) {
            token = "jag~" + user + "~" + machineTokens.get(user) + "~" + exchange.form.get("audience");
            identityAssertions.put(token, user);
        }
        if (exchange.isAsserted() && identityAssertions.remove(exchange.form.get("assertion")) == null) {
            throw exchange.refused(400, "invalid_grant");
        }
        return json(token, null).replaceFirst("\\{", "{\"issued_token_type\": \"" + type + "\", ");
    }

    private synchronized String installationToken(Exchange exchange) throws IOException {
        exchange.requireGrant();
        return "{\"token\": \"at~" + exchange.user() + "~0~" + machineTokens.merge(exchange.user(), 1, Integer::sum)
                + "\", \"expires_at\": \"" + Instant.now().plusSeconds(3600).truncatedTo(ChronoUnit.SECONDS)
                + "\", \"permissions\": {\"issues\": \"write\"}}";
    }

    private String spent(Exchange exchange) throws IOException {
        if (exchange.isInstallation()) {
            return installationToken(exchange);
        }
        if (exchange.isExchange()) {
            return exchangedToken(exchange);
        }
        if (exchange.isMachine()) {
            return machineToken(exchange);
        }
        Tokens tokens = exchange.tokens(false);
        return json(tokens.access(), exchange.rule().rotates() ? tokens.refresh() : null);
    }

    private String json(String access, String refresh) {
        List<String> fields =
                new ArrayList<>(List.of("\"access_token\": \"" + access + "\"", "\"token_type\": \"bearer\""));
        if (refresh != null) {
            fields.add("\"refresh_token\": \"" + refresh + "\"");
        }
        if (expiresIn != null) {
            fields.add("\"expires_in\": " + expiresIn);
        }
        return "{" + String.join(", ", fields) + "}";
    }

    private void accept(ServerSocket listening) {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                sockets.add(socket);
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            Exchange exchange = new Exchange(socket);
            switch (exchange.path()) {
                case "token", "installations" -> token(exchange);
                case "revoke" -> revoke(exchange);
                case "userinfo" -> exchange.json(accepts(exchange.bearer()) ? userinfo : 401, "{\"sub\": \"1\"}");
                default -> exchange.write(404, "", "");
            }
            exchange.flush();
        } catch (IOException e) {
            // the client went away, or it was cut off
        } finally {
            sockets.remove(socket);
        }
    }

    private void token(Exchange exchange) throws IOException {
        String user = exchange.user();
        if (exchange.isExchange()) {
            exchanges.add(exchange.form);
        } else if (exchange.isMachine()) {
            machineRequests.add(exchange.params());
        }
        long arrived = System.nanoTime();
        served.incrementAndGet();
        AtomicInteger here = busy.computeIfAbsent(user, ignored -> new AtomicInteger());
        int concurrent = here.incrementAndGet();
        try {
            pause();
            scripted(user, spend()).answer(exchange);
        } catch (Refused e) {
            // its answer is written
        } finally {
            here.decrementAndGet();
            calls.add(new Call(
                    exchange.provider(), user, exchange.refreshToken(), arrived, System.nanoTime(), concurrent));
        }
    }

    private void revoke(Exchange exchange) throws IOException {
        revocations.add(exchange.form);
        try {
            scripted("revoke " + exchange.user(), this::end).answer(exchange);
        } catch (Refused e) {
            // its answer is written
        }
    }

    private void end(Exchange exchange) throws IOException {
        if (assertions != null) {
            exchange.requireClient();
        }
        synchronized (this) {
            Family family = families.get(exchange.user());
            if (family != null) {
                family.grant().end();
            }
        }
        exchange.json(200, "{}");
    }

    private void pause() {
        if (delay.isPositive()) {
            try {
                Thread.sleep(delay); // the slowness of the provider, not a test's way to win a race
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }
    }

    private synchronized Reply scripted(String key, Reply otherwise) {
        Queue<Reply> queue = scripts.get(key);
        Reply next = queue == null ? null : queue.poll();
        return next == null ? otherwise : next;
    }

    @Override
    public void close() throws IOException {
        server.close();
        for (Socket socket : sockets) {
            socket.close();
        }
    }

    /** The request was refused and answered. */
    private static final class Refused extends IOException {
        private static final long serialVersionUID = 1;
    }

    /** One request and the way to its answer. What is written leaves when the request is in the log. */
    public final class Exchange {
        private final Socket socket;
        private final PlainHttp.Request request;
        private final Map<String, String> form;
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        private Exchange(Socket socket) throws IOException {
            this.socket = socket;
            request = PlainHttp.Request.read(new BufferedInputStream(socket.getInputStream()));
            form = request.params();
        }

        private String provider() {
            return request.path().split("/")[1];
        }

        private String path() {
            return request.path().split("/")[2];
        }

        private RotatingGrant.Rule rule() {
            return RotatingGrant.RULES.getOrDefault(provider(), RotatingGrant.STRICT);
        }

        private String bearer() {
            return request.headers().getOrDefault("authorization", "").replaceFirst("Bearer ", "");
        }

        private String refreshToken() {
            return form.getOrDefault("refresh_token", form.getOrDefault("token", ""));
        }

        private boolean isMachine() {
            return "client_credentials".equals(form.get("grant_type")) || isGrant() || isInstallation();
        }

        private boolean isGrant() {
            return "urn:ietf:params:oauth:grant-type:jwt-bearer".equals(form.get("grant_type"));
        }

        private boolean isExchange() {
            return "urn:ietf:params:oauth:grant-type:token-exchange".equals(form.get("grant_type"))
                    || "on_behalf_of".equals(form.get("requested_token_use"))
                    || isAsserted();
        }

        /** Whether the grant is an identity assertion of this server for the one that is asked. */
        private boolean isAsserted() {
            String[] parts = form.getOrDefault("assertion", "").split("~");
            return isGrant() && parts[0].equals("jag");
        }

        private String subjectOfExchange() {
            String token = form.getOrDefault("subject_token", form.getOrDefault("assertion", ""));
            if (!isAsserted()) {
                return subject(token);
            }
            String[] parts = token.split("~");
            return parts[3].endsWith("/" + provider()) ? parts[1] : "";
        }

        private boolean isInstallation() {
            return path().equals("installations");
        }

        /** RFC 7523 section 3.1; GitHub answers 401 and names no code. */
        private void requireGrant() throws IOException {
            String assertion = isInstallation() ? bearer() : form.getOrDefault("assertion", "");
            AssertionCheck check = grants;
            if (check == null || !check.admits(assertion)) {
                if (isInstallation()) {
                    json(401, "{\"message\": \"A JSON web token could not be decoded\", \"status\": \"401\"}");
                    throw new Refused();
                }
                throw refused(400, "invalid_grant");
            }
        }

        private List<String> params() {
            return Stream.of(request.body().split("&"))
                    .map(each -> URLDecoder.decode(each, StandardCharsets.UTF_8))
                    .filter(each -> !each.startsWith("client_secret=") && !each.startsWith("assertion="))
                    .toList();
        }

        private String user() {
            if (isInstallation()) {
                return request.path().split("/")[3];
            }
            if (isExchange()) {
                return subjectOfExchange();
            }
            if (isGrant()) {
                return subject(form.getOrDefault("assertion", ""));
            }
            if (isMachine()) {
                return form.getOrDefault("audience", "");
            }
            String[] parts = refreshToken().split("~");
            return parts.length == 4 ? parts[1] : "";
        }

        private static String subject(String assertion) {
            try {
                return new JwtConsumerBuilder()
                        .setSkipAllValidators()
                        .setSkipSignatureVerification()
                        .build()
                        .processToClaims(assertion)
                        .getSubject();
            } catch (InvalidJwtException | MalformedClaimException e) {
                return "";
            }
        }

        /** Spends the refresh token of the request, or keeps it this time; a wrong one is refused here and now. */
        private Tokens tokens(boolean keeps) throws IOException {
            requireClient();
            synchronized (StrictProvider.this) {
                String[] parts = refreshToken().split("~");
                Family family = families.get(user());
                if (family == null
                        || family.number() != Integer.parseInt(parts[2])
                        || !family.grant()
                                .spend(rule(), Integer.parseInt(parts[3]), keeps)
                                .isGranted()) {
                    throw refused(400, "invalid_grant");
                }
                return StrictProvider.tokens(user(), family);
            }
        }

        private void requireClient() throws IOException {
            AssertionCheck check = assertions;
            boolean proven = check == null ? secret.equals(form.get("client_secret")) : check.admits(form);
            if (!CLIENT.equals(form.get("client_id")) || !proven) {
                throw refused(401, "invalid_client");
            }
        }

        private Refused refused(int status, String code) throws IOException {
            error(status, code).answer(this);
            return new Refused();
        }

        private void json(int status, String body) throws IOException {
            write(status, "Content-Type: application/json", body);
        }

        private void write(int status, String headers, String body) throws IOException {
            write(status, headers, body.getBytes(StandardCharsets.UTF_8));
        }

        private void write(int status, String headers, byte[] body) throws IOException {
            out.write(
                    PlainHttp.message(status, (headers.isEmpty() ? "" : headers + "\r\n") + "Connection: close", body));
        }

        private void raw(String text) throws IOException {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }

        private void flush() throws IOException {
            PlainHttp.write(socket, out.toByteArray());
        }

        private void cut() throws IOException {
            socket.setSoLinger(true, 0);
            throw new IOException("cut off");
        }
    }
}
