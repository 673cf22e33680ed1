package io.nexus.oauth.access;

import io.nexus.oauth.access.caller.AccessConfig;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Principal;
import io.nexus.oauth.access.caller.RoleBindingDigests;
import io.nexus.oauth.access.caller.ShortLivedCache;
import io.nexus.oauth.access.issuer.PageSignIn;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.OneTimeSecrets;
import io.nexus.oauth.store.access.PageSessionStore;
import io.nexus.oauth.store.access.PageSessionStore.Stored;
import io.nexus.oauth.store.access.PageSessionStore.Visitor;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The sessions of people who are signed in to the pages. A person signs in with an API key or at an identity provider
 * and gets a cookie of 256 random bits. The permissions of the key or the policies are read at each request. So a
 * session ends when its key expires, within ten seconds of the key's revocation, or when its issuer is no longer
 * trusted. Roles from an issuer's claims last until the session ends, at the latest after {@link
 * AccessConfig#pageSession()}. A sign-out reaches the other replicas within ten seconds. Non-blocking; fails with
 * {@link io.nexus.oauth.credential.StorageException}.
 */
@ApplicationScoped
public class PageSessions {

    private final ApiKeys keys;
    private final SessionPrincipals holders;
    private final PageSessionStore store;
    private final RoleBindingDigests digests;
    private final OneTimeSecrets secrets;
    private final PageCookies cookies;
    private final AccessConfig config;
    private final Clock clock;
    private final ShortLivedCache<String, Optional<Stored>> known = new ShortLivedCache<>(10_000);

    PageSessions(
            ApiKeys keys,
            SessionPrincipals holders,
            PageSessionStore store,
            RoleBindingDigests digests,
            OneTimeSecrets secrets,
            PageCookies cookies,
            AccessConfig config,
            Clock clock) {
        this.keys = keys;
        this.holders = holders;
        this.store = store;
        this.digests = digests;
        this.secrets = secrets;
        this.cookies = cookies;
        this.config = config;
        this.clock = clock;
    }

    /** Whether {@code path}, normalized, belongs to a page that authenticates by session. */
    public static boolean isPage(String path) {
        return path.equals("/ui") || path.startsWith("/ui/");
    }

    /**
     * A new secret for the cookie of a browser that is shown the sign-in form or redirected to an identity provider.
     */
    public Secret browser() {
        return secrets.next();
    }

    /** Signs in with an API key and returns the secret for the cookie; empty when the key is not valid. */
    public Uni<Optional<Secret>> open(String key, HttpServerRequest request) {
        return keys.verify(key)
                .chain(found -> found.map(
                                verified -> add(Holder.of(verified), request).map(Optional::of))
                        .orElseGet(() -> Uni.createFrom().item(Optional.empty())));
    }

    /** Signs in a person whom an identity provider authenticated and returns the secret for the cookie. */
    public Uni<Secret> open(PageSignIn.SignedInPerson who, HttpServerRequest request) {
        return add(Holder.of(who), request);
    }

    /**
     * Signs out: ends the session of {@code request}, if it has one. Returns the identity provider of that session; empty for a sign-in
     * with an API key.
     */
    public Uni<Optional<PageSignIn.Choice>> close(HttpServerRequest request, Caller who) {
        return cookies.session(request)
                .map(secrets::digest)
                .map(digest -> find(digest)
                        .map(found -> found.flatMap(holders::issuer))
                        .call(() -> store.remove(digest, new Visitor(who.auditTenant(), who.name(), null)))
                        .onTermination()
                        .invoke(() -> known.invalidate(digest)))
                .orElseGet(() -> Uni.createFrom().item(Optional.empty()));
    }

    /** The anti-forgery token in the forms of the pages. It cannot be computed without the cookie. */
    public String formToken(Secret cookie) {
        return secrets.digest(Secret.of("form:" + cookie.reveal()));
    }

    /** Whether {@code token} is the form token for {@code cookie}; compares in constant time. */
    public boolean isFormToken(Optional<Secret> cookie, @Nullable String token) {
        return cookie.isPresent()
                && token != null
                && MessageDigest.isEqual(
                        formToken(cookie.get()).getBytes(StandardCharsets.UTF_8),
                        token.getBytes(StandardCharsets.UTF_8));
    }

    /** The principal of the session of {@code request}; empty when there is no valid session. */
    Uni<Optional<Principal>> of(HttpServerRequest request) {
        Optional<String> digest = cookies.session(request).map(secrets::digest);
        return digest.map(this::find)
                .orElseGet(() -> Uni.createFrom().item(Optional.empty()))
                .chain(found -> found.filter(this::isValid)
                        .map(holders::current)
                        .orElseGet(() -> Uni.createFrom().item(Optional.empty())));
    }

    private Uni<Optional<Stored>> find(String digest) {
        return known.get(digest)
                .map(remembered -> Uni.createFrom().item(remembered))
                .orElseGet(() -> known.read(digest, () -> store.get(digest)));
    }

    private Uni<Secret> add(Holder holder, HttpServerRequest request) {
        Secret cookie = secrets.next();
        Instant now = clock.instant()
                .truncatedTo(ChronoUnit.MICROS); // the precision of the column: the digest covers this time
        Stored session = new Stored(
                secrets.digest(cookie), holder.keyId(), holder.identity(), "", now, now.plus(config.pageSession()));
        SocketAddress source = request.remoteAddress();
        Visitor who = new Visitor(
                Objects.requireNonNullElse(holder.home(), TenantId.DEFAULT),
                holder.name(),
                source == null ? null : source.hostAddress());
        return store.add(digests.withDigests(session, holders.unstoredTerms(session)), who)
                .replaceWith(cookie);
    }

    /**
     * Whether the session has not expired and was created by the service. A digest under a removed master key is not
     * valid.
     */
    private boolean isValid(Stored session) {
        try {
            return clock.instant().isBefore(session.expiresAt())
                    && digests.isGenuine(session, holders.unstoredTerms(session));
        } catch (CryptoException e) {
            return false;
        }
    }

    /** The person who signs in, by API key or at an identity provider. */
    private record Holder(
            @Nullable String keyId,
            @Nullable String identity,
            @Nullable TenantId home,
            String name) {

        static Holder of(ApiKeys.VerifiedKey verified) {
            Principal who = verified.principal();
            return new Holder(verified.id(), null, who.home(), who.name());
        }

        static Holder of(PageSignIn.SignedInPerson who) {
            return new Holder(
                    null,
                    who.identity().text(),
                    who.principal().home(),
                    who.principal().name());
        }
    }
}
