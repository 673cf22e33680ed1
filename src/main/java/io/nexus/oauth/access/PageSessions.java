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
 * Who is signed in to the pages. An API key, or what an identity provider says, is traded for a cookie of 256 random bits. What the key
 * or the policies grant is looked up at each request, so a session ends with its key, within ten seconds of a revocation, or with the
 * trust in its issuer; what an issuer's claims granted counts to the end of the session. That is at the latest after {@link
 * AccessConfig#pageSession()}. Signing out reaches the other replicas within ten seconds. Non-blocking; fails with {@link
 * io.nexus.oauth.credential.StorageException}.
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

    /** Whether {@code path}, normalized, is that of a page that knows its caller. */
    public static boolean isPage(String path) {
        return path.equals("/ui") || path.startsWith("/ui/");
    }

    /** A secret for the cookie of a browser that is shown the form for signing in. */
    public Secret browser() {
        return secrets.next();
    }

    /** Signs the holder of {@code key} in: the secret for the cookie; empty when the key is not good. */
    public Uni<Optional<Secret>> open(String key, HttpServerRequest request) {
        return keys.shown(key)
                .chain(found -> found.map(
                                shown -> add(Holder.of(shown), request).map(Optional::of))
                        .orElseGet(() -> Uni.createFrom().item(Optional.empty())));
    }

    /** Signs in whom an identity provider vouches for: a secret for the cookie. */
    public Uni<Secret> open(PageSignIn.Who who, HttpServerRequest request) {
        return add(Holder.of(who), request);
    }

    /** Signs out: the session of {@code request} is over, if it has one. */
    public Uni<Void> close(HttpServerRequest request, Caller who) {
        return cookies.session(request)
                .map(secrets::digest)
                .map(digest -> store.remove(digest, new Visitor(who.trail(), who.name(), null))
                        .onTermination()
                        .invoke(() -> known.forget(digest)))
                .orElseGet(() -> Uni.createFrom().voidItem());
    }

    /** The token that the forms of the pages carry: who does not know the cookie cannot make it. */
    public String formToken(Secret cookie) {
        return secrets.digest(Secret.of("form:" + cookie.reveal()));
    }

    /** Whether {@code token} is the one for {@code cookie}, in time that does not depend on where they differ. */
    public boolean isFormToken(Optional<Secret> cookie, @Nullable String token) {
        return cookie.isPresent()
                && token != null
                && MessageDigest.isEqual(
                        formToken(cookie.get()).getBytes(StandardCharsets.UTF_8),
                        token.getBytes(StandardCharsets.UTF_8));
    }

    /** Who is signed in where {@code request} comes from. */
    Uni<Optional<Principal>> of(HttpServerRequest request) {
        Optional<String> digest = cookies.session(request).map(secrets::digest);
        return digest.map(this::find)
                .orElseGet(() -> Uni.createFrom().item(Optional.empty()))
                .chain(found -> found.filter(this::isGood)
                        .map(holders::now)
                        .orElseGet(() -> Uni.createFrom().item(Optional.empty())));
    }

    private Uni<Optional<Stored>> find(String digest) {
        return known.get(digest)
                .map(remembered -> Uni.createFrom().item(remembered))
                .orElseGet(() -> known.read(digest, () -> store.get(digest)));
    }

    private Uni<Secret> add(Holder holder, HttpServerRequest request) {
        Secret cookie = secrets.next();
        Instant now = clock.instant().truncatedTo(ChronoUnit.MICROS); // as the column has it: the digest is over it
        Stored session = new Stored(
                secrets.digest(cookie), holder.keyId(), holder.identity(), "", now, now.plus(config.pageSession()));
        SocketAddress source = request.remoteAddress();
        Visitor who = new Visitor(
                Objects.requireNonNullElse(holder.home(), TenantId.DEFAULT),
                holder.name(),
                source == null ? null : source.hostAddress());
        return store.add(digests.digested(session, holders.shown(session)), who).replaceWith(cookie);
    }

    /** A proof under a master key that is gone proves nothing: its holder signs in again. */
    private boolean isGood(Stored session) {
        try {
            return clock.instant().isBefore(session.expiresAt()) && digests.isGenuine(session, holders.shown(session));
        } catch (CryptoException e) {
            return false;
        }
    }

    /** Who signs in: by a key, or by what an identity provider says. */
    private record Holder(
            @Nullable String keyId,
            @Nullable String identity,
            @Nullable TenantId home,
            String name) {

        static Holder of(ApiKeys.Shown shown) {
            Principal who = shown.principal();
            return new Holder(shown.id(), null, who.home(), who.name());
        }

        static Holder of(PageSignIn.Who who) {
            return new Holder(
                    null,
                    who.identity().text(),
                    who.principal().home(),
                    who.principal().name());
        }
    }
}
