package io.nexus.oauth.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.nexus.oauth.credential.TenantId;
import io.quarkus.runtime.configuration.ConfigurationException;
import io.smallrye.mutiny.Uni;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.event.Startup;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jose4j.jws.JsonWebSignature;
import org.jose4j.jwt.MalformedClaimException;
import org.jose4j.jwt.consumer.InvalidJwtException;
import org.jose4j.jwt.consumer.JwtConsumer;
import org.jose4j.jwt.consumer.JwtConsumerBuilder;
import org.jose4j.jwt.consumer.JwtContext;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of trusted issuers. A verified one is remembered by its digest, for a minute at most and never past its end, so a key
 * that its issuer takes back is believed no longer than that after the keys were fetched again.
 */
@ApplicationScoped
public class CallerTokens {

    private static final Logger LOG = Logger.getLogger(CallerTokens.class);
    private static final Duration REMEMBERED = Duration.ofSeconds(60);
    private static final Duration MOST_LEEWAY = Duration.ofMinutes(5);
    private static final Set<String> ASYMMETRIC =
            Set.of("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA");

    /** Reads without believing anything: only to learn who has to say whether it is true. */
    private static final JwtConsumer READER = new JwtConsumerBuilder()
            .setSkipAllValidators()
            .setDisableRequireSignature()
            .setSkipSignatureVerification()
            .build();

    private final Map<String, TrustedIssuer> issuers;
    private final Policies policies;
    private final Clock clock;
    private final Cache<String, VerifiedToken> verified = Caffeine.newBuilder()
            .expireAfterWrite(REMEMBERED)
            .maximumSize(10_000)
            .build();
    private final Map<Refusal, LongAdder> refused = new EnumMap<>(Refusal.class);

    CallerTokens(
            AccessConfig config,
            @ConfigProperty(name = "nexus.oauth.providers.allow-insecure-http", defaultValue = "false")
                    boolean allowInsecureHttp,
            Policies policies,
            Vertx vertx,
            Clock clock) {
        this.policies = policies;
        this.clock = clock;
        for (Refusal refusal : Refusal.values()) {
            refused.put(refusal, new LongAdder());
        }
        Map<String, TrustedIssuer> trusted = new HashMap<>();
        List<String> faults = new ArrayList<>();
        config.issuers().forEach((name, issuer) -> {
            KeyFetch fetch = new KeyFetch(vertx, issuer, allowInsecureHttp);
            faults.addAll(faults("nexus.oauth.access.issuers." + name, issuer, fetch));
            IssuerKeys keys = new IssuerKeys(name, fetch::keys, issuer.keysMaxAge(), issuer.keysMinInterval());
            if (trusted.put(issuer.issuer(), new TrustedIssuer(name, issuer, keys, clock)) != null) {
                faults.add("nexus.oauth.access.issuers." + name + ".issuer: is named twice");
            }
        });
        if (!faults.isEmpty()) {
            throw new ConfigurationException("Callers' issuers are not set right:\n  " + String.join("\n  ", faults));
        }
        this.issuers = Map.copyOf(trusted);
    }

    /** Makes the settings be checked at the start and not at the first request. */
    void atStart(@Observes Startup event) {}

    /** How many tokens were refused because of {@code refusal}. */
    public long refused(Refusal refusal) {
        LongAdder count = refused.get(refusal);
        return count == null ? 0 : count.sum();
    }

    /** Whether {@code credential} looks like a signed token (RFC 7515 section 3.1). */
    static boolean isToken(String credential) {
        return credential.startsWith("eyJ")
                && credential.chars().filter(c -> c == '.').count() == 2;
    }

    /**
     * Who shows {@code token}; empty when it is not believed. Fails with {@link IssuerUnavailable} when its issuer's keys cannot be
     * had, and as the database does.
     */
    Uni<Optional<Principal>> authenticate(String token) {
        String digest = digest(token);
        VerifiedToken known = verified.getIfPresent(digest);
        if (known != null && clock.instant().isBefore(known.end())) {
            return principal(known);
        }
        return onAskersContext(verify(token))
                .invoke(found -> verified.put(digest, found))
                .chain(this::principal)
                .onFailure(RefusedToken.class)
                .recoverWithItem(failure -> {
                    Refusal refusal = failure.refusal();
                    refused.getOrDefault(refusal, new LongAdder()).increment();
                    LOG.debugf("a caller's token is refused: %s", refusal.label());
                    return Optional.empty();
                });
    }

    private Uni<Optional<Principal>> principal(VerifiedToken token) {
        return policies.current().map(snapshot -> Optional.of(token.under(snapshot)));
    }

    private Future<VerifiedToken> verify(String token) {
        try {
            JwtContext read = READER.process(token);
            if (!(read.getJoseObjects().getFirst() instanceof JsonWebSignature)
                    || read.getJoseObjects().size() != 1) {
                return refuse(Refusal.MALFORMED);
            }
            TrustedIssuer issuer =
                    issuers.get(String.valueOf(read.getJwtClaims().getIssuer()));
            return issuer == null ? refuse(Refusal.UNKNOWN_ISSUER) : issuer.verify(read);
        } catch (InvalidJwtException | MalformedClaimException e) {
            return refuse(Refusal.MALFORMED);
        }
    }

    private static Future<VerifiedToken> refuse(Refusal refusal) {
        return Future.failedFuture(new RefusedToken(refusal));
    }

    /** Everybody who waits for one fetch goes on where it began itself. */
    private static <T> Uni<T> onAskersContext(Future<T> future) {
        return Uni.createFrom().emitter(emitter -> {
            Context asker = Vertx.currentContext();
            future.onComplete(done -> on(asker, () -> {
                if (done.succeeded()) {
                    emitter.complete(done.result());
                } else {
                    emitter.fail(done.cause());
                }
            }));
        });
    }

    private static void on(@Nullable Context context, Runnable action) {
        if (context == null || context.equals(Vertx.currentContext())) {
            action.run();
        } else {
            context.runOnContext(ignored -> action.run());
        }
    }

    private static String digest(String token) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(token.getBytes(StandardCharsets.US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static List<String> faults(String key, IssuerConfig issuer, KeyFetch fetch) {
        List<String> faults = new ArrayList<>();
        issuer.algorithms().stream()
                .filter(algorithm -> !ASYMMETRIC.contains(algorithm))
                .forEach(algorithm -> faults.add(key + ".algorithms: must be of " + ASYMMETRIC));
        if (issuer.leeway().isNegative() || issuer.leeway().compareTo(MOST_LEEWAY) > 0) {
            faults.add(key + ".leeway: must be from 0 to 5 minutes");
        }
        if (issuer.jwksFile().isPresent() && issuer.jwksUrl().isPresent()) {
            faults.add(key + ": has jwks-url or jwks-file, not both");
        }
        if (issuer.jwksFile().isEmpty()) {
            fetch.urlFault().ifPresent(fault -> faults.add(key + fault));
        }
        issuer.roles().keySet().stream()
                .filter(role -> Role.of(role).isEmpty())
                .forEach(role -> faults.add(key + ".roles." + role + ": there is no such role"));
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
