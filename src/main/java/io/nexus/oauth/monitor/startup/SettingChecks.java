package io.nexus.oauth.monitor.startup;

import static io.nexus.oauth.monitor.startup.Finding.fatal;
import static io.nexus.oauth.monitor.startup.Finding.severe;
import static io.nexus.oauth.monitor.startup.Finding.warning;

import io.quarkus.runtime.configuration.MemorySize;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/** Looks at what can be judged by its text alone, for production. */
final class SettingChecks {

    private static final long LARGEST_BODY = 1 << 20;
    private static final long LARGEST_HEADER = 64 * 1024;
    private static final Duration LONGEST_BODY = Duration.ofMinutes(1);

    /** Of names that nobody can register, so whole trees of them are the operator's own. */
    private static final Set<String> OWN_TREES =
            Set.of(".local", ".internal", ".lan", ".corp", ".home", ".intranet", ".private", ".test");

    private static final Pattern LITERAL = Pattern.compile("[0-9.]+|\\[?[0-9a-fA-F]*:[0-9a-fA-F:.]+]?");
    private static final Pattern PERMIT = Pattern.compile("quarkus\\.http\\.auth\\.permission\\..*\\.policy");
    /** Parts of an access log that hold the query, and with it the code and the state of a callback. */
    private static final Pattern QUERY =
            Pattern.compile("%r|%q|%\\{q,|%\\{ALL|common|combined|long", Pattern.CASE_INSENSITIVE);

    private final Settings settings;
    private final List<Finding> findings = new ArrayList<>();

    private SettingChecks(Settings settings) {
        this.settings = settings;
    }

    static List<Finding> findings(Settings settings) {
        SettingChecks checks = new SettingChecks(settings);
        checks.publicUrl();
        checks.returnUrls();
        checks.egress();
        checks.access();
        checks.limits();
        checks.ports();
        checks.logs();
        return checks.findings;
    }

    private void publicUrl() {
        String key = "nexus.oauth.public-url";
        settings.text(key)
                .ifPresentOrElse(
                        url -> checkPublicUrl(key, url),
                        () -> findings.add(fatal(
                                key,
                                "is required; browsers come back to it",
                                "Set it to the https address of this service")));
    }

    private void checkPublicUrl(String key, String url) {
        if (!isHttps(url)) {
            findings.add(fatal(
                    key,
                    "must be https; codes and cookies travel over it",
                    "Set it to the https address of this service"));
        }
    }

    private void returnUrls() {
        String key = "nexus.oauth.connect.return-urls";
        for (String url : settings.list(key)) {
            if (url.contains("*")) {
                findings.add(
                        fatal(key, url + " has a wildcard: only exact addresses are compared", "Name each address"));
            } else if (!isHttps(url)) {
                findings.add(fatal(key, url + " is not an https address", "Name an https address"));
            } else if (url.contains("#") || url.contains("@")) {
                findings.add(fatal(key, url + " has user information or a fragment", "Leave it out"));
            }
        }
    }

    private static boolean isHttps(String url) {
        return Settings.uri(url)
                .filter(uri -> "https".equalsIgnoreCase(uri.getScheme()) && uri.getHost() != null)
                .isPresent();
    }

    private void egress() {
        String http = "nexus.oauth.providers.allow-insecure-http";
        if (settings.isTrue(http)) {
            findings.add(fatal(
                    http,
                    "tokens would travel in clear text, and to this machine",
                    "Leave it out; providers are talked to by https"));
        }
        String own = "nexus.oauth.providers.private-hosts";
        for (String host : settings.list(own)) {
            if (isTooWide(host.toLowerCase(Locale.ROOT))) {
                findings.add(severe(
                        own,
                        host + " opens private networks to names of others",
                        "Name the hosts, or a suffix that is yours"));
            }
        }
        if (settings.isTrue("nexus.oauth.sandbox.enabled")) {
            findings.add(fatal(
                    "nexus.oauth.sandbox.enabled",
                    "the sandbox asks nobody for a password and runs in local mode only",
                    "Set it to false"));
        }
    }

    /** A suffix of one label is a whole top-level domain. */
    private static boolean isTooWide(String host) {
        boolean tree = host.startsWith(".") && host.indexOf('.', 1) < 0 && !OWN_TREES.contains(host);
        return tree || host.contains("*");
    }

    private void access() {
        for (String key : settings.keys(PERMIT)) {
            if (settings.text(key).filter("permit"::equalsIgnoreCase).isPresent()) {
                findings.add(severe(
                        key,
                        "lets requests pass without a credential",
                        "Leave it out: roles are asked for by each route"));
            }
        }
        String forwarding = "quarkus.http.proxy.proxy-address-forwarding";
        if (settings.isTrue(forwarding)
                && settings.list("quarkus.http.proxy.trusted-proxies").isEmpty()) {
            findings.add(severe(
                    forwarding,
                    "believes the address that anybody writes into a header",
                    "Name your ingress in quarkus.http.proxy.trusted-proxies"));
        }
        if (settings.text("nexus.oauth.encryption.key").isPresent()) {
            findings.add(warning(
                    "nexus.oauth.encryption.key",
                    "an environment is readable in /proc and in crash dumps",
                    "Mount the key as a file and name it in nexus.oauth.encryption.key-files"));
        }
    }

    private void limits() {
        size("quarkus.http.limits.max-body-size", LARGEST_BODY, "64K");
        size("quarkus.http.limits.max-header-size", LARGEST_HEADER, "16K");
        String key = "nexus.oauth.limits.body-timeout";
        Duration patience = settings.text(key).isEmpty()
                ? Duration.ofSeconds(10)
                : settings.value(key, Duration.class).orElse(Duration.ZERO);
        if (patience.isNegative() || patience.isZero() || patience.compareTo(LONGEST_BODY) > 0) {
            findings.add(severe(
                    key,
                    "bodies that never end would hold connections",
                    "Set it to a minute at most; 10s is the default"));
        }
        count("quarkus.http.limits.max-connections", true);
        count("nexus.oauth.limits.connect-requests", false);
    }

    private void size(String key, long largest, String usual) {
        if (settings.value(key, MemorySize.class)
                .filter(size -> size.asLongValue() > 0 && size.asLongValue() <= largest)
                .isEmpty()) {
            findings.add(severe(
                    key,
                    "is off, or more than " + largest + " bytes: a few callers could fill the memory",
                    "Leave it out; " + usual + " is what requests need"));
        }
    }

    private void count(String key, boolean needed) {
        boolean missing = settings.text(key).isEmpty();
        boolean off =
                settings.value(key, Integer.class).filter(most -> most > 0).isEmpty();
        if (missing ? needed : off) {
            findings.add(severe(key, "is off", "Leave it out, or set a number above 0"));
        }
    }

    private void ports() {
        if (settings.text("quarkus.management.enabled")
                .filter("false"::equalsIgnoreCase)
                .isPresent()) {
            findings.add(severe(
                    "quarkus.management.enabled",
                    "health and metrics would answer on the port of the API",
                    "Leave it out: they have port 9000"));
        }
        String key = "quarkus.management.host";
        String host = settings.text(key).orElse("0.0.0.0");
        if (isEverywhere(host)) {
            if (settings.text("KUBERNETES_SERVICE_HOST").isEmpty()) {
                findings.add(warning(
                        key,
                        "health and metrics answer on every network of this machine",
                        "Bind them to an address that only your monitoring reaches"));
            }
        } else if (isPublic(host)) {
            findings.add(severe(
                    key,
                    host + " is a public address: metrics name tenants' providers",
                    "Bind it to an inner address"));
        }
    }

    private static boolean isEverywhere(String host) {
        return host.equals("0.0.0.0") || host.equals("::") || host.equals("[::]");
    }

    /** Names are not looked up; literals are not either. */
    private static boolean isPublic(String host) {
        if (!LITERAL.matcher(host).matches()) {
            return false;
        }
        try {
            InetAddress address = InetAddress.getByName(host);
            boolean unique = address instanceof Inet6Address && (address.getAddress()[0] & 0xfe) == 0xfc;
            return !address.isLoopbackAddress()
                    && !address.isSiteLocalAddress()
                    && !address.isLinkLocalAddress()
                    && !unique;
        } catch (UnknownHostException e) {
            return false;
        }
    }

    private void logs() {
        if (!settings.isTrue("quarkus.http.access-log.enabled")) {
            return;
        }
        String key = "quarkus.http.access-log.pattern";
        String pattern = settings.text(key).orElse("common");
        if (QUERY.matcher(pattern).find()) {
            findings.add(severe(
                    key,
                    "writes the query of a callback, which holds its code, into the log",
                    "Set it to something like %h %m %U %s %b"));
        }
    }
}
