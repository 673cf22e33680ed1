package io.nexus.oauth.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How fast the packaged service hands out a token that needs no refresh, to each kind of caller, beside the cheapest endpoint of the same
 * process, in turns within one run. Machines are shared and noisy: the ratio is the figure, not the requests per second.
 *
 * <p>Starts the service with a home of its own on loopback, and ends it.
 */
final class WarmReadBenchmark {

    private static final int CONNECTIONS = 32;
    private static final int WARM_UPS = 2;
    private static final int TURNS = 3;
    private static final String TOKEN = "/api/v1/token?provider=sandbox&user=bench";
    private static final String PING = "/sandbox/ping";
    private static final Pattern TLS = Pattern.compile("https://127\\.0\\.0\\.1:(\\d+)");

    private final Map<String, Asking> all = new LinkedHashMap<>();

    /** Connects and asks in one way; {@code bare} is what it is compared with. */
    private record Asking(Connect connect, byte[] request, String bare) {}

    private interface Connect {
        HttpConnection open() throws IOException;
    }

    private WarmReadBenchmark(int port, int tlsPort, String key, String token, CertificateCaller certificate) {
        Connect plain = () -> new HttpConnection(port);
        Connect tls = () -> new HttpConnection(certificate.connect(tlsPort));
        String bare = "bare JSON endpoint";
        String bareTls = "bare JSON endpoint, TLS";
        all.put(bare, new Asking(plain, get(PING, key), bare));
        all.put("API key", new Asking(plain, get(TOKEN, key), bare));
        all.put("service account's token", new Asking(plain, get(TOKEN, token), bare));
        all.put(bareTls, new Asking(tls, get(PING, ""), bareTls));
        all.put("client certificate, TLS", new Asking(tls, get(TOKEN, ""), bareTls));
    }

    static void run(Path jar, int seconds) throws Exception {
        Path home = Files.createTempDirectory("nexus-bench");
        Path log = home.resolve("service.log");
        TokenCaller account = new TokenCaller(home);
        CertificateCaller certificate = new CertificateCaller(home);
        Path policies = Files.writeString(home.resolve("policies.yaml"), """
                policies:
                  - {name: account, issuer: "%s", subject: "%s", tenants: default, roles: [token-reader]}
                  - {name: certificate, issuer: certificate, subject: "%s", tenants: default, roles: [token-reader]}
                """.formatted(
                        TokenCaller.ISSUER, TokenCaller.SUBJECT, CertificateCaller.SUBJECT));
        long began = System.nanoTime();
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Dnexus.oauth.home=" + home.resolve("home"),
                "-Dnexus.oauth.access.policy-file=" + policies,
                "-Dquarkus.http.port=0",
                "-Dquarkus.management.port=0"));
        command.addAll(account.settings());
        command.addAll(certificate.settings());
        command.addAll(List.of("-jar", jar.toString()));
        Process service = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        try {
            int port = BenchService.awaitPort(service, log);
            System.out.printf(
                    "%nfirst start to ready: %.1f s, of which the database's first start is the most%n",
                    (System.nanoTime() - began) / 1e9);
            Matcher tls = TLS.matcher(Files.readString(log));
            if (!tls.find()) {
                throw new IllegalStateException("the service does not listen for TLS");
            }
            String key = Files.readString(home.resolve("home/api-key")).strip();
            store(port, key);
            new WarmReadBenchmark(port, Integer.parseInt(tls.group(1)), key, account.token(), certificate)
                    .measure(seconds, service);
        } finally {
            service.destroy();
            service.waitFor(30, TimeUnit.SECONDS);
            service.destroyForcibly();
            Processes.delete(home);
        }
    }

    private void measure(int seconds, Process service) throws Exception {
        System.out.printf("RSS idle: %d MB%n", Processes.rss(service.toHandle()));
        for (int i = 0; i < WARM_UPS; i++) {
            for (Asking each : all.values()) {
                turn(each, seconds);
            }
        }
        Map<String, List<Double>> ratios = new LinkedHashMap<>();
        System.out.printf(
                "%n%-26s %12s %10s %10s %10s%n",
                "warm token, " + CONNECTIONS + " conn.", "requests/s", "p50 ms", "p99 ms", "of bare");
        for (int i = 0; i < TURNS; i++) {
            Map<String, Double> reached = new LinkedHashMap<>();
            for (Map.Entry<String, Asking> each : all.entrySet()) {
                Load.Result result = turn(each.getValue(), seconds);
                reached.put(each.getKey(), result.perSecond());
                double ratio = result.perSecond() / reached.get(each.getValue().bare());
                ratios.computeIfAbsent(each.getKey(), name -> new ArrayList<>()).add(ratio);
                System.out.printf(
                        "%-26s %12.0f %10.2f %10.2f %10.2f%n",
                        each.getKey(), result.perSecond(), result.millisAt(0.5), result.millisAt(0.99), ratio);
            }
        }
        System.out.printf("%nmedian of %d, beside the bare endpoint of the same kind of connection:%n", TURNS);
        ratios.forEach((name, found) -> {
            if (!name.equals(all.get(name).bare())) {
                System.out.printf(
                        "%-26s %.2f%n", name, found.stream().sorted().toList().get(TURNS / 2));
            }
        });
        System.out.printf("RSS after load: %d MB%n%n", Processes.rss(service.toHandle()));
    }

    private static void store(int port, String key) throws IOException {
        String body = "{\"provider\":\"sandbox\",\"user\":\"bench\",\"access_token\":\"bench-access\","
                + "\"refresh_token\":\"bench-refresh\",\"expires_in\":86400}";
        try (HttpConnection connection = new HttpConnection(port)) {
            int status = connection.exchange(
                    HttpConnection.request("POST", "/api/v1/credentials", key, "application/json", body));
            if (status != 201) {
                throw new IllegalStateException("the credential was not stored: " + status);
            }
        }
    }

    private static byte[] get(String uri, String credential) {
        return HttpConnection.request("GET", uri, credential, "application/json", "");
    }

    /** Keeps every connection busy for some seconds: one request after the other on each, so that the service sets the pace. */
    private static Load.Result turn(Asking asking, int seconds) throws Exception {
        List<HttpConnection> opened = new ArrayList<>();
        try {
            for (int i = 0; i < CONNECTIONS; i++) {
                opened.add(asking.connect().open());
            }
            return Load.run(CONNECTIONS, Integer.MAX_VALUE, seconds, caller -> index -> {
                int status = opened.get(caller).exchange(asking.request());
                if (status != 200) {
                    throw new IllegalStateException("an answer was " + status);
                }
            });
        } finally {
            for (HttpConnection each : opened) {
                each.close();
            }
        }
    }
}
