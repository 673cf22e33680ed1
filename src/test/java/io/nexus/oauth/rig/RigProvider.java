package io.nexus.oauth.rig;

import io.nexus.oauth.testing.PlainHttp;
import io.nexus.oauth.testing.RotatingGrant;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A provider as unforgiving as the strictest, in a process of its own: a refresh token works once, a second use ends the grant. Its
 * log is the oracle. Dice decide by the seed which requests go wrong and how ({@link Dice}); windows of a fault befall everybody.
 *
 * <p>Arguments: its directory (where {@code provider.log} and {@code provider.port} go), the seed, the marker that every token
 * carries. {@code /<replica>/<provider>/authorize}, {@code /token} and {@code /revoke} are the provider, {@code /admin/...} is for the
 * rig.
 */
public final class RigProvider {

    private static final int HUGE = 10 * 1024 * 1024;

    private final ServerSocket server;
    private final Journal log;
    private final RigGrants grants;
    private final RigCodes codes;
    private final Holds holds = new Holds();
    private final long seed;
    private final RigClients clients;
    private volatile boolean dice;
    private volatile double delayScale = 1;
    private volatile int latency;
    private volatile int leastLife = 20;
    private volatile int mostLife = 60;
    private volatile String window = "";
    private volatile String windowOf = "";
    private volatile long windowEnds;

    private RigProvider(Path directory, long seed, String marker) throws IOException {
        server = new ServerSocket(0, 2000, InetAddress.getLoopbackAddress());
        log = new Journal(directory.resolve("provider.log"));
        grants = new RigGrants(log, marker);
        codes = new RigCodes(log, marker);
        this.seed = seed;
        this.clients = new RigClients(marker);
        Path port = directory.resolve("provider.port");
        Path temporary = directory.resolve("provider.port.new");
        Files.writeString(temporary, Integer.toString(server.getLocalPort()));
        Files.move(temporary, port);
    }

    /** Runs until it is killed, or its parent ends. */
    public static void main(String[] arguments) throws IOException {
        ProcessHandle.current().parent().ifPresent(parent -> parent.onExit().thenRun(() -> System.exit(0)));
        var provider = new RigProvider(Path.of(arguments[0]), Long.parseLong(arguments[1]), arguments[2]);
        while (true) {
            Socket socket = provider.server.accept();
            Thread.ofVirtual().start(() -> provider.serve(socket));
        }
    }

    /** The connection is to be reset, with no further byte. */
    private static final class Reset extends IOException {
        private static final long serialVersionUID = 1;
    }

    private void serve(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            InputStream in = new BufferedInputStream(socket.getInputStream());
            PlainHttp.Request request = PlainHttp.Request.read(in);
            try {
                answer(socket, request);
            } catch (Reset e) {
                socket.setSoLinger(true, 0);
                return;
            }
            if (keepsAlive(request)) {
                // an idle connection is cut: a client that sends on it loses the request without an answer
                PlainHttp.Request.read(in);
                log.add("reused", "port", socket.getPort());
                socket.setSoLinger(true, 0);
            }
        } catch (IOException | InterruptedException e) {
            // the client went away
        }
    }

    private static boolean keepsAlive(PlainHttp.Request request) {
        return !request.path().startsWith("/admin/")
                && !"close".equalsIgnoreCase(request.headers().get("connection"));
    }

    private void answer(Socket socket, PlainHttp.Request request) throws IOException, InterruptedException {
        String[] path = request.path().split("/");
        if (path[1].equals("admin")) {
            PlainHttp.write(socket, 200, "Connection: close", admin(path[2], request.params()));
        } else if (path[3].equals("authorize")) {
            PlainHttp.write(socket, 302, "Location: " + codes.authorize(path[2], request.params()), "");
        } else if (path[3].equals("token") && request.params().containsKey("code")) {
            trade(socket, path[1], path[2], request);
        } else if (path[3].equals("token")) {
            token(socket, path[1], path[2], request);
        } else if (path[3].equals("revoke")) {
            revoke(socket, request);
        } else {
            PlainHttp.write(socket, 404, "", "");
        }
    }

    private String admin(String what, Map<String, String> p) throws InterruptedException {
        switch (what) {
            case "grant" -> {
                int life = Integer.parseInt(p.get("life"));
                return String.join("\n", grants.open(p.get("p"), p.get("tenant"), p.get("user"), life));
            }
            case "set" -> set(p);
            case "held" -> {
                return Boolean.toString(holds.awaitReached(p.get("key"), Long.parseLong(p.get("ms"))));
            }
            case "hold" -> holds.begin(p.get("key"));
            case "release" -> holds.release(p.get("key"));
            case "secret" -> {
                clients.change(p.get("p"), p.get("tenant"), Integer.parseInt(p.get("number")));
                log.add("secret", "p", p.get("p"), "tenant", p.get("tenant"), "number", p.get("number"));
            }
            case "window" -> {
                long ms = Long.parseLong(p.get("ms"));
                windowEnds = System.nanoTime() + ms * 1_000_000;
                windowOf = p.getOrDefault("p", "");
                window = p.get("kind");
                log.add("window", "kind", window, "ms", ms, "p", windowOf);
            }
            default -> throw new IllegalArgumentException(what);
        }
        return "";
    }

    private void set(Map<String, String> p) {
        log.add("setting");
        dice = Boolean.parseBoolean(p.getOrDefault("dice", Boolean.toString(dice)));
        delayScale = Double.parseDouble(p.getOrDefault("scale", Double.toString(delayScale)));
        latency = Integer.parseInt(p.getOrDefault("latency", Integer.toString(latency)));
        leastLife = Integer.parseInt(p.getOrDefault("least", Integer.toString(leastLife)));
        mostLife = Integer.parseInt(p.getOrDefault("most", Integer.toString(mostLife)));
        log.add("set", "dice", dice, "scale", delayScale, "latency", latency);
    }

    private String window(String provider) {
        boolean meant = windowOf.isEmpty() || windowOf.equals(provider);
        return meant && System.nanoTime() < windowEnds ? window : "";
    }

    private void revoke(Socket socket, PlainHttp.Request request) throws IOException {
        RigGrants.Grant grant = grants.of(request.params().getOrDefault("token", ""));
        if (grant != null && !clients.accepts(grant.provider, grant.tenant, request.params())) {
            log.add("unrevoked", "g", grant.id);
            PlainHttp.error(socket, 401, "invalid_client");
            return;
        }
        if (grant != null) {
            grants.revoke(grant, request.params().get("token"), clients.number(request.params()));
        }
        PlainHttp.write(socket, 200, "Content-Type: application/json", "{}");
    }

    /** Answers an authorization code with the first tokens of a grant. */
    private void trade(Socket socket, String replica, String provider, PlainHttp.Request request)
            throws IOException, InterruptedException {
        RigCodes.Consent consent = codes.trade(provider, request.params());
        if (consent == null || !clients.accepts(provider, consent.tenant(), request.params())) {
            PlainHttp.error(socket, 400, "invalid_grant");
            return;
        }
        int life = ThreadLocalRandom.current().nextInt(leastLife, mostLife + 1);
        String[] tokens = grants.open(provider, consent.tenant(), consent.user(), life);
        String grant = tokens[0].split("~")[3];
        log.add("trade", "g", grant, "p", provider, "rep", replica, "port", socket.getPort());
        String result = "destroyed";
        try {
            Thread.sleep(latency);
            holds.pass(consent.user());
            if (PlainHttp.gone(socket)) {
                result = "late";
                return;
            }
            PlainHttp.write(
                    socket,
                    200,
                    "Content-Type: application/json",
                    "{\"access_token\":\"" + tokens[0] + "\",\"token_type\":\"bearer\",\"expires_in\":" + life
                            + ",\"refresh_token\":\"" + tokens[1] + "\",\"scope\":\"read write\"}");
            result = "delivered";
        } finally {
            log.add("traded", "g", grant, "result", result);
        }
    }

    private void token(Socket socket, String replica, String provider, PlainHttp.Request request)
            throws IOException, InterruptedException {
        String token = provider.equals(RigClients.MACHINE)
                ? grants.refreshOf(request.params().getOrDefault("audience", ""))
                : request.params().getOrDefault("refresh_token", "");
        RigGrants.Grant grant = grants.of(token);
        if (grant == null || !grant.provider.equals(provider)) {
            log.add("stranger", "rep", replica, "p", provider);
            PlainHttp.error(socket, 400, "invalid_grant");
            return;
        }
        int secret = clients.number(request.params());
        int n = grants.arrived(grant, replica, socket.getPort(), RigGrants.generation(token), secret);
        String result = "refused";
        boolean throwing = dice;
        Dice thrown = Dice.of(seed, grant.id, n);
        Dice.Fault fault = throwing ? thrown.fault() : Dice.Fault.NONE;
        try {
            result = new Exchange(socket, grant, n, token, thrown, fault).run(request);
        } catch (Reset e) {
            result = "destroyed";
            throw e;
        } catch (IOException e) {
            result = "destroyed";
            throw e;
        } finally {
            grants.ended(grant, n, result, socket.getPort(), throwing ? fault.name() : "-");
        }
    }

    /** One refresh request and what the dice make of it. */
    private final class Exchange {
        private final Socket socket;
        private final RigGrants.Grant grant;
        private final int n;
        private final String token;
        private final Dice thrown;
        private final Dice.Fault fault;

        Exchange(Socket socket, RigGrants.Grant grant, int n, String token, Dice thrown, Dice.Fault fault) {
            this.socket = socket;
            this.grant = grant;
            this.n = n;
            this.token = token;
            this.thrown = thrown;
            this.fault = fault;
        }

        /** How it ended: delivered, refused, late (the client had gone), destroyed. */
        String run(PlainHttp.Request request) throws IOException, InterruptedException {
            if (!clients.accepts(grant.provider, grant.tenant, request.params())) {
                PlainHttp.error(socket, 401, "invalid_client");
                return "refused";
            }
            if (latency > 0) {
                Thread.sleep(latency);
            }
            double place = thrown.next();
            long delay = fault == Dice.Fault.DELAY ? (long) ((5_000 + 35_000 * thrown.next()) * delayScale) : 0;
            if (delay > 0 && place < 0.5) {
                Thread.sleep(delay);
            }
            if (refusedBefore()) {
                return "refused";
            }
            boolean keeps = fault == Dice.Fault.NO_REFRESH_TOKEN || fault == Dice.Fault.SAME_REFRESH_TOKEN;
            Expiry expiry = Expiry.of(thrown, fault, leastLife, mostLife);
            RigGrants.Spent spent = grants.spend(grant, n, token, keeps, expiry.life(), fault.name());
            if (!spent.granted()) {
                PlainHttp.error(socket, 400, "invalid_grant");
                return "refused";
            }
            if (delay > 0 && place >= 0.5) {
                Thread.sleep(delay);
            }
            return deliver(spent, expiry);
        }

        /** Answers before anything is spent; false when nothing went wrong so far. */
        private boolean refusedBefore() throws IOException {
            switch (window(grant.provider)) {
                case "invalid_client" -> PlainHttp.error(socket, 401, "invalid_client");
                case "unavailable" -> PlainHttp.write(socket, 503, "", "");
                case "reset" -> throw new Reset();
                default -> {
                    return refusedByDice();
                }
            }
            return true;
        }

        private boolean refusedByDice() throws IOException {
            switch (fault) {
                case LOST_BEFORE -> throw new Reset();
                case ERROR_BEFORE -> PlainHttp.write(socket, 500, "", "");
                case RATE_LIMITED -> PlainHttp.write(socket, 429, "Retry-After: 2", "");
                case REDIRECT -> PlainHttp.write(socket, 302, "Location: http://127.0.0.1:1/token", "");
                case WITHDRAWN -> {
                    if (!grant.provider.equals(RigClients.MACHINE)) { // no person has allowed it
                        grants.withdraw(grant);
                    }
                    PlainHttp.error(socket, 400, "invalid_grant");
                }
                case HTML -> PlainHttp.write(socket, 200, "Content-Type: text/html", "<html>Bad day</html>");
                default -> {
                    return false;
                }
            }
            return true;
        }

        private String deliver(RigGrants.Spent spent, Expiry expiry) throws IOException, InterruptedException {
            holds.pass(grant.id);
            String body = body(spent, expiry);
            switch (fault) {
                case LOST_AFTER -> throw new Reset();
                case ERROR_AFTER -> PlainHttp.write(socket, 500, "", "");
                case TRUNCATED ->
                    PlainHttp.write(
                            socket, 200, "Content-Type: application/json", body.substring(0, body.length() / 2));
                case HUGE ->
                    PlainHttp.write(
                            socket,
                            200,
                            "Content-Type: application/json",
                            body.replace("{", "{\"x\":\"" + "x".repeat(HUGE) + "\","));
                case DRIP -> drip(body);
                default -> {
                    if (PlainHttp.gone(socket)) {
                        return "late";
                    }
                    PlainHttp.write(socket, OddAnswer.message(fault, thrown, body));
                    return "delivered";
                }
            }
            return "destroyed";
        }

        private void drip(String body) throws IOException, InterruptedException {
            byte[] bytes = PlainHttp.message(200, "Content-Type: application/json", body);
            for (byte each : bytes) {
                if (PlainHttp.gone(socket)) {
                    return;
                }
                socket.getOutputStream().write(each);
                Thread.sleep(1000);
            }
        }

        private String body(RigGrants.Spent spent, Expiry expiry) {
            StringBuilder body =
                    new StringBuilder("{\"access_token\":\"" + spent.accessToken() + "\",\"token_type\":\"bearer\"");
            body.append(expiry.json());
            if (fault != Dice.Fault.NO_REFRESH_TOKEN
                    && RotatingGrant.RULES.get(grant.provider).rotates()) {
                body.append(",\"refresh_token\":\"")
                        .append(spent.refreshToken())
                        .append('"');
            }
            body.append(",\"scope\":\"")
                    .append(fault == Dice.Fault.SCOPE ? "read" : "read write")
                    .append("\"}");
            return body.toString();
        }
    }
}
