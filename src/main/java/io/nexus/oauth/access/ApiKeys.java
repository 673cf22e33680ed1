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
 * Makes, checks and revokes API keys. A key is {@code nxo_<id>_<secret>_<checksum>}: the prefix is for secret scanners, the
 * checksum refuses a mistyped key before the database is asked. Stored are keyed digests of the secret and of what it grants, so a
 * writer of the database can neither make a key nor give one more. A revocation reaches the other replicas within ten seconds.
 */
@ApplicationScoped
public class ApiKeys {

    private static final Logger LOG = Logger.getLogger(ApiKeys.class);

    /** The id of the key that is in a file and in no row; one of a row is 12 hex digits. */
    static final String BOOTSTRAP = "bootstrap";

    private static final RoleBinding ADMIN = new RoleBinding(null, Set.of(Role.ADMIN), AccessLimits.Part.ALL);

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
     * Makes a key for {@code tenant}. Its text is in the result and nowhere else.
     *
     * @throws IllegalArgumentException when there is no role, the name is unfit or the lifetime is not between a minute and the
     *     configured most
     * @throws CredentialException.BeyondReach when the key could do more than its maker
     */
    public Uni<Issued> issue(TenantId tenant, String name, Set<Role> roles, Optional<Duration> lifetime, Caller by) {
        Identifiers.check("name", name, 100);
        Duration lives = lifetime.orElseGet(config::keyLifetime);
        if (roles.isEmpty()) {
            throw new IllegalArgumentException("a key needs at least one role");
        }
        if (lives.compareTo(Duration.ofMinutes(1)) < 0 || lives.compareTo(config.maxKeyLifetime()) > 0) {
            throw new IllegalArgumentException("a key lives from a minute to " + config.maxKeyLifetime());
        }
        // as an admin a key may act for every tenant, so only who may can make one
        if (roles.contains(Role.ADMIN) && !by.hasEverywhere(Role.ADMIN)) {
            throw new CredentialException.BeyondReach("only an admin of every tenant gives the role admin to a key");
        }
        ParsedApiKey text = ParsedApiKey.random(secrets);
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS); // as the column has it: the digest is over it
        ApiKey key = digests.digested(
                new ApiKey(
                        text.id(),
                        tenant,
                        name,
                        roles.stream().map(Role::label).collect(Collectors.toSet()),
                        "",
                        null,
                        by.name(),
                        now,
                        now.plus(lives),
                        null,
                        null),
                text.secret());
        return store.add(key).replaceWith(new Issued(key, text.whole()));
    }

    /** The tenant's keys. */
    public Uni<List<ApiKey>> list(TenantId tenant) {
        return store.all(tenant);
    }

    /** How often the row of a key that was shown was not as the service made it. */
    public long refused() {
        return refused.sum();
    }

    /** Revokes the tenant's key. False when there is none that is live. */
    public Uni<Boolean> revoke(TenantId tenant, String id, Caller by) {
        return store.revoke(tenant, id, clock.instant(), by.name())
                .onTermination()
                .invoke(() -> known.forget(id));
    }

    /** Who holds {@code key}; empty for a key that is malformed, unknown, wrong, expired or revoked. */
    Uni<Optional<Principal>> authenticate(String key) {
        return shown(key).map(found -> found.map(Shown::principal));
    }

    /** As {@link #authenticate}, with the id of the key. */
    Uni<Optional<Shown>> shown(String key) {
        if (bootstrap.matches(key)) {
            return Uni.createFrom().item(Optional.of(new Shown(BOOTSTRAP, first())));
        }
        return ParsedApiKey.parse(key)
                .map(text -> find(text.id())
                        .map(found -> found.filter(stored -> fits(stored, text.secret()))
                                .map(stored -> new Shown(stored.id(), principal(stored)))))
                .orElseGet(() -> Uni.createFrom().item(Optional.empty()));
    }

    /** Who holds the key {@code id}; empty when there is none, or it expired or was revoked. */
    Uni<Optional<Principal>> holder(String id) {
        return id.equals(BOOTSTRAP)
                ? Uni.createFrom().item(bootstrap.key().map(present -> first()))
                : find(id).map(found ->
                        found.filter(stored -> stored.isLiveAt(clock.instant())).map(this::principal));
    }

    private static Principal first() {
        return principal(BOOTSTRAP, TenantId.DEFAULT, EnumSet.complementOf(EnumSet.of(Role.EXPORTER)));
    }

    private Uni<Optional<ApiKey>> find(String id) {
        return known.get(id)
                .map(remembered -> Uni.createFrom().item(remembered))
                .orElseGet(() -> known.read(id, () -> store.get(id).map(found -> found.filter(this::isGenuine))));
    }

    private boolean fits(ApiKey stored, Secret secret) {
        boolean fits = stored.isLiveAt(clock.instant()) && digests.isOf(stored, secret);
        if (fits && !(digests.isPresent(stored.digest()) && digests.isPresent(stored.termsDigest()))) {
            renewals.add(digests.digested(stored, secret), stored.digest());
        }
        return fits;
    }

    private boolean isGenuine(ApiKey stored) {
        boolean genuine = digests.isGenuine(stored);
        if (!genuine) {
            refused.increment();
            LOG.warnf(
                    "the API key %s is refused: its row is not as it was made. Look who writes into the database",
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

    /** A key acts for its one tenant; as an admin it may name every other. */
    private static Principal principal(String name, TenantId tenant, Set<Role> roles) {
        RoleBinding own = new RoleBinding(Set.of(tenant), roles, AccessLimits.Part.ALL);
        return new Principal(name, tenant, roles.contains(Role.ADMIN) ? List.of(own, ADMIN) : List.of(own));
    }

    /** A key that somebody showed and that is good. */
    record Shown(String id, Principal principal) {}

    /**
     * A new key.
     *
     * @param key as it is stored
     * @param text what its holder sends; shown once
     */
    public record Issued(ApiKey key, Secret text) {}
}
