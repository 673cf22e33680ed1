package io.nexus.oauth.access;

import io.nexus.oauth.access.caller.AccessConfig;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Principal;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.access.caller.RoleBinding;
import io.nexus.oauth.access.caller.RoleBindingDigests;
import io.nexus.oauth.access.caller.ShortLivedCache;
import io.nexus.oauth.credential.AccessLimits;
import io.nexus.oauth.credential.ApiKey;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.Identifiers;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.OneTimeSecrets;
import io.nexus.oauth.store.access.ApiKeyStore;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;

/**
 * Issues, verifies and revokes API keys. A key is {@code nxo_<id>_<secret>_<checksum>}: the prefix serves secret
 * scanners, the checksum rejects a mistyped key without a database query. The database holds keyed digests of the
 * secret and of the key's permissions, so write access to the database is not enough to create a key or extend its
 * permissions. A revocation reaches the other replicas within ten seconds. No method blocks; all fail with {@code
 * StorageException} when the database fails.
 */
@ApplicationScoped
public class ApiKeys {

    private static final Logger LOG = Logger.getLogger(ApiKeys.class);

    /** The most characters of a name. */
    public static final int MAX_NAME = 100;

    /** The id of the bootstrap key, which has no row. The id of a stored key is 12 hex digits. */
    static final String BOOTSTRAP = "bootstrap";

    private static final RoleBinding ADMIN = new RoleBinding(null, Set.of(Role.ADMIN), AccessLimits.Part.ALL);

    /** The most keys of a tenant that are neither revoked nor expired. */
    private static final int MAX_LIVE = 1_000;

    private final ApiKeyStore store;
    private final RoleBindingDigests digests;
    private final OneTimeSecrets secrets;
    private final BootstrapKey bootstrap;
    private final ApiKeyUsage usage;
    private final AccessConfig config;
    private final DigestRenewals renewals;
    private final Clock clock;
    private final ShortLivedCache<String, Optional<ApiKey>> known = new ShortLivedCache<>(10_000);

    private final LongAdder refused = new LongAdder();

    ApiKeys(
            ApiKeyStore store,
            RoleBindingDigests digests,
            OneTimeSecrets secrets,
            BootstrapKey bootstrap,
            ApiKeyUsage usage,
            AccessConfig config,
            DigestRenewals renewals,
            Clock clock) {
        this.store = store;
        this.digests = digests;
        this.secrets = secrets;
        this.bootstrap = bootstrap;
        this.usage = usage;
        this.config = config;
        this.renewals = renewals;
        this.clock = clock;
    }

    /**
     * Issues a key for {@code tenant}. Only the result contains its text; it is not stored. Fails with {@link
     * CredentialException.QuotaExceeded} when the tenant has {@value #MAX_LIVE} keys that work.
     *
     * @throws IllegalArgumentException when there is no role, the name is invalid, or the lifetime is not between a
     *     minute and the configured maximum
     * @throws CredentialException.Forbidden when the key would have more permissions than {@code by}
     */
    public Uni<Issued> issue(TenantId tenant, String name, Set<Role> roles, Optional<Duration> lifetime, Caller by) {
        Identifiers.check("name", name, MAX_NAME);
        Duration duration = lifetime(lifetime.orElseGet(config::keyLifetime).toSeconds());
        if (roles.isEmpty()) {
            throw new IllegalArgumentException("a key needs at least one role");
        }
        // an admin key may act for every tenant, so only an admin of every tenant may issue one
        if (roles.contains(Role.ADMIN) && !by.hasInEveryTenant(Role.ADMIN)) {
            throw new CredentialException.Forbidden(
                    "only an admin of every tenant may issue a key with the role admin");
        }
        ParsedApiKey text = ParsedApiKey.random(secrets);
        Instant now = clock.instant()
                .truncatedTo(ChronoUnit.MICROS); // the precision of the column: the digest covers this time
        ApiKey key = digests.withDigests(
                new ApiKey(
                        text.id(),
                        tenant,
                        name,
                        roles.stream().map(Role::label).collect(Collectors.toSet()),
                        "",
                        null,
                        by.name(),
                        now,
                        now.plus(duration),
                        null,
                        null),
                text.secret());
        return store.add(key, MAX_LIVE).map(added -> {
            if (!added) {
                throw CredentialException.QuotaExceeded.ofApiKeys(MAX_LIVE);
            }
            return new Issued(key, text.whole());
        });
    }

    /**
     * The lifetime of a key, from {@code seconds}. Throws {@link IllegalArgumentException} when it is not between a minute and
     * the configured maximum.
     */
    public Duration lifetime(long seconds) {
        long longest = config.maxKeyLifetime().toSeconds();
        if (seconds < 60 || seconds > longest) {
            throw new IllegalArgumentException("must be 60 to " + longest + " seconds");
        }
        return Duration.ofSeconds(seconds);
    }

    /** The tenant's keys. */
    public Uni<List<ApiKey>> list(TenantId tenant) {
        return store.all(tenant);
    }

    /** How often a key was refused because its row was changed outside the service. */
    public long refused() {
        return refused.sum();
    }

    /** Revokes the tenant's key. False when there is no valid key with this id. */
    public Uni<Boolean> revoke(TenantId tenant, String id, Caller by) {
        return store.revoke(tenant, id, clock.instant(), by.name())
                .onTermination()
                .invoke(() -> known.invalidate(id));
    }

    /** The principal of {@code key}; empty for a key that is malformed, unknown, wrong, expired or revoked. */
    Uni<Optional<Principal>> authenticate(String key) {
        return verify(key).map(found -> found.map(VerifiedKey::principal));
    }

    /** As {@link #authenticate}, with the id of the key. */
    Uni<Optional<VerifiedKey>> verify(String key) {
        if (bootstrap.matches(key)) {
            return Uni.createFrom().item(Optional.of(new VerifiedKey(BOOTSTRAP, bootstrapPrincipal())));
        }
        return ParsedApiKey.parse(key)
                .map(text -> find(text.id())
                        .map(found -> found.filter(stored -> matches(stored, text.secret()))
                                .map(stored -> new VerifiedKey(stored.id(), principal(stored)))))
                .orElseGet(() -> Uni.createFrom().item(Optional.empty()));
    }

    /** The principal of the key with this id; empty when there is none, or it expired or was revoked. */
    Uni<Optional<Principal>> holder(String id) {
        return id.equals(BOOTSTRAP)
                ? Uni.createFrom().item(bootstrap.key().map(present -> bootstrapPrincipal()))
                : find(id).map(found ->
                        found.filter(stored -> stored.isLiveAt(clock.instant())).map(this::principal));
    }

    private static Principal bootstrapPrincipal() {
        return principal(BOOTSTRAP, TenantId.DEFAULT, EnumSet.complementOf(EnumSet.of(Role.EXPORTER)));
    }

    private Uni<Optional<ApiKey>> find(String id) {
        return known.get(id)
                .map(remembered -> Uni.createFrom().item(remembered))
                .orElseGet(() -> known.read(id, () -> store.get(id).map(found -> found.filter(this::isGenuine))));
    }

    private boolean matches(ApiKey stored, Secret secret) {
        boolean matches = stored.isLiveAt(clock.instant()) && digests.matchesSecret(stored, secret);
        if (matches && !(digests.isCurrent(stored.digest()) && digests.isCurrent(stored.termsDigest()))) {
            renewals.add(digests.withDigests(stored, secret), stored.digest());
        }
        return matches;
    }

    private boolean isGenuine(ApiKey stored) {
        boolean genuine = digests.isGenuine(stored);
        if (!genuine) {
            refused.increment();
            LOG.warnf(
                    "API key %s is refused: its row was changed outside the service. Find out who writes into the database",
                    stored.id());
        }
        return genuine;
    }

    private Principal principal(ApiKey key) {
        usage.used(key.id());
        Set<Role> roles =
                key.roles().stream().map(Role::of).flatMap(Optional::stream).collect(Collectors.toSet());
        return principal("key:" + key.name() + ":" + key.id(), key.tenant(), roles);
    }

    /** A key acts for its own tenant; an admin key may name any other tenant. */
    private static Principal principal(String name, TenantId tenant, Set<Role> roles) {
        RoleBinding own = new RoleBinding(Set.of(tenant), roles, AccessLimits.Part.ALL);
        return new Principal(name, tenant, roles.contains(Role.ADMIN) ? List.of(own, ADMIN) : List.of(own));
    }

    /** A key that a caller sent and that is valid. */
    record VerifiedKey(String id, Principal principal) {}

    /**
     * A new key.
     *
     * @param key the stored key
     * @param text the key's text, which callers send; it is shown only once
     */
    public record Issued(ApiKey key, Secret text) {}
}
