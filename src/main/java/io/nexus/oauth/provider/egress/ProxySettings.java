package io.nexus.oauth.provider.egress;

import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The settings of the forward proxy: the keys, and where a key is not set the environment variables {@code HTTPS_PROXY}
 * and {@code NO_PROXY}. The names in lower case count first. Never shows the value of a URL, which may have a password.
 *
 * @param host the proxy's host
 * @param source the key or the variable that names the proxy
 * @param file the file with the credentials, or null
 * @param login the credentials in the variable, or null; the file counts first
 * @param byAddress whether the proxy is told the checked address and not the name
 */
record ProxySettings(
        String host,
        int port,
        String source,
        @Nullable Path file,
        ProxyCredentials.@Nullable Login login,
        NoProxyList direct,
        boolean byAddress) {

    private static final int HTTP_PORT = 80;

    /** No path, query or fragment; the port is not 0. */
    private static final Pattern SHAPE = Pattern.compile("(?i)http://([^/?#@]*@)?[^/?#@]+?(?<!:0{1,5})/?");

    /** The settings; empty without a proxy. Throws {@link IllegalStateException} with a list of all faults. */
    static Optional<ProxySettings> read(ProxyConfig config, Map<String, String> environment) {
        List<String> faults = new ArrayList<>();
        NoProxyList direct = direct(config, environment, faults);
        Optional<String> key = config.url();
        Optional<String> variable = variable(environment, "https_proxy");
        Optional<ProxySettings> settings = Optional.empty();
        if (direct.isEverything() || (key.isEmpty() && variable.isEmpty())) {
            if (!direct.isEverything() && config.credentialsFile().isPresent()) {
                faults.add(ForwardProxy.KEY + ".credentials-file is set, but " + ForwardProxy.KEY + ".url is not");
            }
        } else {
            settings = settings(config, key.orElse(null), variable.orElse(""), direct, faults);
        }
        if (!faults.isEmpty()) {
            throw new IllegalStateException("The forward proxy cannot be used:\n  " + String.join("\n  ", faults));
        }
        return settings;
    }

    private static Optional<ProxySettings> settings(
            ProxyConfig config, @Nullable String key, String variable, NoProxyList direct, List<String> faults) {
        String source = key == null ? "HTTPS_PROXY" : ForwardProxy.KEY + ".url";
        // the variable is often written without a scheme
        String text = key != null || variable.contains("://")
                ? String.valueOf(key == null ? variable : key)
                : "http://" + variable;
        URI url = parse(text.strip());
        Optional<String> fault = fault(url, key != null);
        if (fault.isPresent() || url == null) {
            faults.add(source + fault.orElse(""));
            return Optional.empty();
        }
        Optional<ProxyCredentials.Login> login =
                Optional.ofNullable(url.getRawUserInfo()).flatMap(ProxySettings::login);
        if (url.getRawUserInfo() != null && login.isEmpty()) {
            faults.add(source + " has no user and password before the @, but something else");
        }
        return Optional.of(new ProxySettings(
                url.getHost(),
                url.getPort() < 0 ? HTTP_PORT : url.getPort(),
                source,
                config.credentialsFile().orElse(null),
                login.orElse(null),
                direct,
                config.connectBy() == ProxyConfig.ConnectBy.ADDRESS));
    }

    private static NoProxyList direct(ProxyConfig config, Map<String, String> environment, List<String> faults) {
        List<String> wrong = new ArrayList<>();
        boolean set = config.noProxy().isPresent();
        NoProxyList list = new NoProxyList(
                config.noProxy()
                        .orElseGet(() -> variable(environment, "no_proxy").stream()
                                .flatMap(each -> Arrays.stream(each.split("[,\\s]+")))
                                .toList()),
                wrong);
        wrong.forEach(fault -> faults.add((set ? ForwardProxy.KEY + ".no-proxy" : "NO_PROXY") + ": " + fault
                + "; write idp.corp, .corp, 10.1.2.3, 10.0.0.0/8 or *, each with :port if need be"));
        return list;
    }

    private static Optional<String> variable(Map<String, String> environment, String name) {
        return Stream.of(name, name.toUpperCase(Locale.ROOT))
                .map(each -> environment.getOrDefault(each, "").strip())
                .filter(each -> !each.isEmpty())
                .findFirst();
    }

    private static @Nullable URI parse(String text) {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            return null;
        }
    }

    /** The fault of {@code url}, after its key. */
    private static Optional<String> fault(@Nullable URI url, boolean isKey) {
        if (url != null && "https".equalsIgnoreCase(url.getScheme())) {
            return Optional.of(": the service connects to the proxy by http:// only. TLS to the providers runs inside");
        }
        if (url == null
                || url.getHost() == null
                || url.getPort() > 65_535
                || !SHAPE.matcher(url.toString()).matches()) {
            return Optional.of(" must be like http://proxy.example.com:3128");
        }
        return isKey && url.getRawUserInfo() != null
                ? Optional.of(
                        " must not have a user or password: write them as user:password into a file, and name it in "
                                + ForwardProxy.KEY + ".credentials-file")
                : Optional.empty();
    }

    /** A plus sign is itself in the user information of a URL. */
    private static Optional<ProxyCredentials.Login> login(String userInfo) {
        int colon = userInfo.indexOf(':');
        String user = colon < 0 ? userInfo : userInfo.substring(0, colon);
        String password = colon < 0 ? "" : userInfo.substring(colon + 1);
        return decoded(user).contains(":")
                ? Optional.empty()
                : ProxyCredentials.Login.of(decoded(user) + ":" + decoded(password));
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
