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
import java.util.regex.Pattern;

/** Checks the settings that need only their text, for production. */
final class SettingChecks {

    private static final long MAX_BODY = 1 << 20;
    private static final long MAX_HEADER = 64 * 1024;
    private static final Duration MAX_LINK_LIFETIME = Duration.ofDays(7);
    private static final Duration MAX_BODY_TIMEOUT = Duration.ofMinutes(1);

    private static final Pattern LITERAL = Pattern.compile("[0-9.]+|\\[?[0-9a-fA-F]*:[0-9a-fA-F:.]+]?");
    private static final Pattern PERMIT = Pattern.compile("quarkus\\.http\\.auth\\.permission\\..*\\.policy");
    /** Access log patterns with the path, which has the secret of a link, or with the query, which has a callback's code and state. */
    private static final Pattern PATH_OR_QUERY =
            Pattern.compile("%<?[rRqQU]|%\\{[qQ],|%\\{<?(?i:REQUEST_|QUERY_|BARE_QUERY|ALL)|(?i:common|combined|long)");

    /** The form of an origin (RFC 6454 section 6.2): no path, no final slash. Local pages need no TLS. */
    private static final Pattern ORIGIN = Pattern.compile(
            "https://[a-z0-9.-]+(:[0-9]{1,5})?|http://(localhost|127\\.0\\.0\\.1|\\[::1])(:[0-9]{1,5})?");

    private final Settings settings;
    private final List<Finding> findings = new ArrayList<>();

    private SettingChecks(Settings settings) {
        this.settings = settings;
    }

    static List<Finding> findings(Settings settings) {
        SettingChecks checks = new SettingChecks(settings);
        checks.publicUrl();
        checks.returnUrls();
        checks.origins();
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
                                "is required, because providers redirect browsers to it",
                                "Set it to the https address of this service")));
    }

    private void checkPublicUrl(String key, String url) {
        if (!isHttps(url)) {
            findings.add(fatal(
                    key,
                    "must be an https address, because authorization codes and cookies are sent to it",
                    "Set it to the https address of this service"));
        }
    }

    private void returnUrls() {
        String key = "nexus.oauth.connect.return-urls";
        for (String url : settings.list(key)) {
            if (url.contains("*")) {
                findings.add(
                        fatal(key, url + " has a wildcard, but only exact addresses can match", "Name each address"));
            } else if (!isHttps(url)) {
                findings.add(fatal(key, url + " is not an https address", "Name an https address"));
            } else if (url.contains("#") || url.contains("@")) {
                findings.add(fatal(key, url + " has user information or a fragment", "Remove that part"));
            }
        }
    }

    private void origins() {
        String key = "nexus.oauth.connect.origins";
        for (String origin : settings.list(key)) {
            if (!ORIGIN.matcher(origin).matches()) {
                findings.add(fatal(
                        key,
                        origin + " is not an origin",
                        "Name an origin as https://host or https://host:port, in lower case"));
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
                    "would send tokens in clear text, and requests to this machine",
                    "Remove it; the service calls providers over https"));
        }
        String privateHosts = "nexus.oauth.providers.private-hosts";
        for (String host : settings.list(privateHosts)) {
            PrivateHostChecks.tooWide(privateHosts, host).ifPresent(findings::add);
        }
        if (settings.isTrue("nexus.oauth.sandbox.enabled")) {
            findings.add(fatal(
                    "nexus.oauth.sandbox.enabled",
                    "the sandbox checks no passwords and runs in local mode only",
                    "Set it to false"));
        }
    }

    private void access() {
        for (String key : settings.keys(PERMIT)) {
            if (settings.text(key).filter("permit"::equalsIgnoreCase).isPresent()) {
                findings.add(severe(
                        key, "admits requests without authentication", "Remove it: each route requires its roles"));
            }
        }
        String forwarding = "quarkus.http.proxy.proxy-address-forwarding";
        if (settings.isTrue(forwarding)
                && settings.list("quarkus.http.proxy.trusted-proxies").isEmpty()) {
            findings.add(severe(
                    forwarding,
                    "accepts a client address that any caller can write into a header",
                    "Name your ingress in quarkus.http.proxy.trusted-proxies"));
        }
        if (settings.text("nexus.oauth.encryption.key").isPresent()) {
            findings.add(warning(
                    "nexus.oauth.encryption.key",
                    "an environment variable can be read in /proc and in crash dumps",
                    "Mount the key as a file and name it in nexus.oauth.encryption.key-files"));
        }
    }

    private void limits() {
        size("quarkus.http.limits.max-body-size", MAX_BODY, "64K");
        size("quarkus.http.limits.max-header-size", MAX_HEADER, "16K");
        String key = "nexus.oauth.limits.body-timeout";
        Duration timeout = settings.text(key).isEmpty()
                ? Duration.ofSeconds(10)
                : settings.value(key, Duration.class).orElse(Duration.ZERO);
        if (timeout.isNegative() || timeout.isZero() || timeout.compareTo(MAX_BODY_TIMEOUT) > 0) {
            findings.add(severe(
                    key,
                    "must be above 0 and at most 1 minute, or endless request bodies could occupy connections",
                    "Set it to one minute at most; the default is 10s"));
        }
        count("quarkus.http.limits.max-connections", true);
        count("nexus.oauth.limits.connect-requests", false);
        String lifetime = "nexus.oauth.connect.lifetime";
        settings.value(lifetime, Duration.class)
                .filter(each -> each.isNegative() || each.isZero() || each.compareTo(MAX_LINK_LIFETIME) > 0)
                .ifPresent(each -> findings.add(severe(
                        lifetime,
                        "must be above 0 and at most 7 days, or lost links stay usable",
                        "The default is 1d")));
    }

    private void size(String key, long largest, String usual) {
        if (settings.value(key, MemorySize.class)
                .filter(size -> size.asLongValue() > 0 && size.asLongValue() <= largest)
                .isEmpty()) {
            findings.add(severe(
                    key,
                    "is off or above " + largest + " bytes, so a few callers could fill the memory",
                    "Remove it; requests need " + usual));
        }
    }

    private void count(String key, boolean needed) {
        boolean missing = settings.text(key).isEmpty();
        boolean off =
                settings.value(key, Integer.class).filter(most -> most > 0).isEmpty();
        if (missing ? needed : off) {
            findings.add(severe(key, "is off", "Remove it, or set a number above 0"));
        }
    }

    private void ports() {
        if (settings.text("quarkus.management.enabled")
                .filter("false"::equalsIgnoreCase)
                .isPresent()) {
            findings.add(severe(
                    "quarkus.management.enabled",
                    "would serve health and metrics on the port of the API",
                    "Remove it; health and metrics then use port 9000"));
        }
        String key = "quarkus.management.host";
        String host = settings.text(key).orElse("0.0.0.0");
        if (isEverywhere(host)) {
            if (settings.text("KUBERNETES_SERVICE_HOST").isEmpty()) {
                findings.add(warning(
                        key,
                        "serves health and metrics on all networks of this machine",
                        "Set it to an address that only your monitoring can reach"));
            }
        } else if (isPublic(host)) {
            findings.add(severe(
                    key,
                    host + " is a public address, and the metrics show the providers in use",
                    "Set it to a private address"));
        }
    }

    private static boolean isEverywhere(String host) {
        return host.equals("0.0.0.0") || host.equals("::") || host.equals("[::]");
    }

    /** Makes no DNS request: only address literals are parsed. */
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
        if (PATH_OR_QUERY.matcher(pattern).find()) {
            findings.add(severe(
                    key,
                    "writes the paths of links, which are secrets, or the authorization code of a callback to the log",
                    "Set it to a pattern such as %h %m %s %b"));
        }
    }
}
