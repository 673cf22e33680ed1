package io.nexus.oauth.access.issuer;

import io.nexus.oauth.access.caller.AccessConfig;
import io.nexus.oauth.access.caller.IssuerConfig;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.egress.ForwardProxy;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.consumer.JwtContext;
import org.jspecify.annotations.Nullable;

/** The configured issuers whose tokens are accepted. Start-up fails if a setting is invalid. */
@ApplicationScoped
class TrustedIssuers {

    private static final Duration MAX_LEEWAY = Duration.ofMinutes(5);
    private static final List<String> PROMPTS = List.of("login", "select_account", "consent");
    private static final Set<String> ASYMMETRIC =
            Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA");

    private final Map<String, TrustedIssuer> issuers;
    private final Map<String, IssuerSignIn> signIns = new TreeMap<>();

    public TrustedIssuers(
            AccessConfig config,
            @ConfigProperty(name = "nexus.oauth.providers.allow-insecure-http", defaultValue = "false")
                    boolean allowInsecureHttp,
            Vertx vertx,
            ForwardProxy proxy,
            Clock clock) {
        Map<String, TrustedIssuer> trusted = new HashMap<>();
        List<String> faults = new ArrayList<>();
        config.issuers().forEach((name, issuer) -> {
            IssuerClient fetch = new IssuerClient(vertx, issuer, allowInsecureHttp, proxy);
            faults.addAll(faults("nexus.oauth.access.issuers." + name, issuer, fetch));
            IssuerKeys keys = new IssuerKeys(name, fetch::keys, issuer.keysMaxAge(), issuer.keysMinInterval());
            TrustedIssuer each = new TrustedIssuer(name, issuer, keys, clock);
            issuer.signIn().ifPresent(client -> signIns.put(name, new IssuerSignIn(name, issuer, client, fetch, each)));
            if (trusted.put(issuer.issuer(), each) != null) {
                faults.add("nexus.oauth.access.issuers." + name + ".issuer: another issuer has the same value");
            }
        });
        List<IssuerConfig> exchanging = config.issuers().values().stream()
                .filter(issuer -> issuer.subjectTokens().isPresent())
                .toList();
        if (exchanging.size() > 1
                && exchanging.stream()
                        .anyMatch(each ->
                                each.tenant().isEmpty() && each.tenantClaim().isEmpty())) {
            faults.add(
                    "nexus.oauth.access.issuers: with subject-tokens at several issuers, each needs tenant or tenant-claim."
                            + " Otherwise the user of one is the user of another");
        }
        if (!faults.isEmpty()) {
            throw new ConfigurationException(
                    "The settings of trusted issuers are invalid:\n  " + String.join("\n  ", faults));
        }
        this.issuers = Map.copyOf(trusted);
    }

    /** Forces the settings to be checked at start-up and not at the first request. */
    void atStart(@Observes Startup event) {}

    int size() {
        return issuers.size();
    }

    /**
     * What {@code verification} says of {@code token} at its issuer. Fails with {@link RefusedToken} when the token is malformed
     * or its issuer is not trusted.
     */
    <T> Future<T> verify(String token, BiFunction<TrustedIssuer, JwtContext, Future<T>> verification) {
        try {
            JwtContext read = TrustedIssuer.read(token);
            TrustedIssuer issuer = of(String.valueOf(read.getJwtClaims().getIssuer()));
            return issuer == null
                    ? Future.failedFuture(new RefusedToken(TokenRefusal.UNKNOWN_ISSUER))
                    : verification.apply(issuer, read);
        } catch (RefusedToken e) {
            return Future.failedFuture(e);
        } catch (MalformedClaimException e) {
            return Future.failedFuture(new RefusedToken(TokenRefusal.MALFORMED));
        }
    }

    /** The issuer with this {@code iss}, or null. */
    public @Nullable TrustedIssuer of(String issuer) {
        return issuers.get(issuer);
    }

    /** The issuers at which people sign in to the pages, by name. */
    Map<String, IssuerSignIn> signIns() {
        return signIns;
    }

    /** Whether people may sign in to the pages at the issuer with this {@code iss}. */
    public boolean allowsSignIn(String issuer) {
        return signIns.values().stream().anyMatch(signIn -> signIn.issuer().equals(issuer));
    }

    private static List<String> faults(String key, IssuerConfig issuer, IssuerClient fetch) {
        List<String> faults = new ArrayList<>();
        issuer.algorithms().stream()
                .filter(algorithm -> !ASYMMETRIC.contains(algorithm))
                .forEach(algorithm -> faults.add(key + ".algorithms: must be some of " + ASYMMETRIC));
        if (issuer.leeway().isNegative() || issuer.leeway().compareTo(MAX_LEEWAY) > 0) {
            faults.add(key + ".leeway: must be from 0 to 5 minutes");
        }
        if (issuer.jwksFile().isPresent() && issuer.jwksUrl().isPresent()) {
            faults.add(key + ": set jwks-url or jwks-file, not both");
        }
        if (issuer.jwksFile().isEmpty()) {
            fetch.urlFault().ifPresent(fault -> faults.add(key + fault));
        }
        if (issuer.signIn().isPresent()) {
            fetch.metadataFault().ifPresent(fault -> faults.add(key + ".sign-in: the issuer " + fault));
            if (!PROMPTS.containsAll(issuer.signIn().get().prompt().orElse(List.of()))) {
                faults.add(key + ".sign-in.prompt: must be some of " + PROMPTS);
            }
        }
        issuer.roles().keySet().stream()
                .filter(role -> Role.of(role).isEmpty())
                .forEach(role -> faults.add(key + ".roles." + role + ": must be one of " + Role.labels()));
        issuer.tenant().ifPresent(name -> {
            try {
                var unused = new TenantId(name);
            } catch (IllegalArgumentException e) {
                faults.add(key + ".tenant: " + e.getMessage());
            }
        });
        return faults;
    }
}
