package io.nexus.oauth.connect;

import io.nexus.oauth.credential.AccountVisit;
import io.nexus.oauth.credential.ConnectSession;
import io.nexus.oauth.credential.CredentialFilter;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.CredentialStatus;
import io.nexus.oauth.credential.GrantRequest;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.SecretPlace;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.crypto.CryptoException;
import io.nexus.oauth.crypto.OneTimeSecrets;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.token.TokenManager;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The connections of one person. An application makes a link for a user; everybody who opens it sees and ends the connections of that user,
 * and of nobody else. Link and cookie are sealed texts, so nothing is stored. Non-blocking; fails with {@link
 * io.nexus.oauth.credential.StorageException}.
 */
@ApplicationScoped
public class ConnectedAccounts {

    /** How long a cookie is valid. */
    public static final Duration SESSION = Duration.ofMinutes(30);

    /** How long a link is valid if its request says nothing. */
    public static final Duration DEFAULT_LINK = Duration.ofMinutes(5);

    /** The longest return URL: link and cookie hold it. */
    public static final int MAX_RETURN_URL = 1_000;

    /** The most connections that a page shows. */
    static final int MAX_SHOWN = 100;

    private static final Duration RECONNECT_LINK = Duration.ofMinutes(10);
    private static final Pattern SEALED = Pattern.compile("[A-Za-z0-9_-]{1,64}\\.[A-Za-z0-9_-]{40,3900}");
    private static final int BASE64_BLOCK = 4;

    private final TokenManager tokens;
    private final ConnectFlow flow;
    private final ReturnUrls returnUrls;
    private final SecretSealer sealer;
    private final OneTimeSecrets secrets;
    private final PublicUrl publicUrl;
    private final Clock clock;

    ConnectedAccounts(
            TokenManager tokens,
            ConnectFlow flow,
            ReturnUrls returnUrls,
            SecretSealer sealer,
            OneTimeSecrets secrets,
            PublicUrl publicUrl,
            Clock clock) {
        this.tokens = tokens;
        this.flow = flow;
        this.returnUrls = returnUrls;
        this.sealer = sealer;
        this.secrets = secrets;
        this.publicUrl = publicUrl;
        this.clock = clock;
    }

    /**
     * A link to the connections of {@code user}. Throws {@link ConnectException.ReturnUrlNotAllowed}, and {@link
     * CryptoException.NoCommonKey} when the other replicas could not open the link.
     */
    public AccountLink link(TenantId tenant, String user, Duration lifetime, @Nullable String returnUrl) {
        String back = returnUrl == null ? null : returnUrls.check(returnUrl);
        Instant end = clock.instant().plus(lifetime);
        Secret sealed = seal(new AccountVisit(tenant, user, back, end), "link");
        return new AccountLink(publicUrl.base() + "/connect/accounts/open/" + sealed.reveal(), end);
    }

    /** The visit that {@code link} permits; empty when the link is not valid, or not valid any more. */
    public Optional<AccountVisit> open(String link) {
        return unseal(link, "link");
    }

    /** The secret for the cookie of a browser that opened a link. */
    public Secret begin(AccountVisit visit) {
        return seal(
                new AccountVisit(
                        visit.tenant(),
                        visit.user(),
                        visit.returnUrl(),
                        clock.instant().plus(SESSION)),
                "session");
    }

    /** The visit of a cookie; empty when the cookie is not valid, or not valid any more. */
    public Optional<AccountVisit> visit(Secret cookie) {
        return unseal(cookie.reveal(), "session");
    }

    /** The anti-forgery token of forms. It cannot be computed without the cookie. */
    public String formToken(Secret cookie) {
        return secrets.digest(Secret.of("accounts:" + cookie.reveal()));
    }

    /** Whether {@code token} is the form token for {@code cookie}; compares in constant time. */
    public boolean isFormToken(Secret cookie, @Nullable String token) {
        return token != null
                && MessageDigest.isEqual(
                        formToken(cookie).getBytes(StandardCharsets.UTF_8), token.getBytes(StandardCharsets.UTF_8));
    }

    /** The connections of the person, revoked ones left out. */
    public Uni<List<StoredCredential>> list(AccountVisit visit) {
        return tokens.listCredentials(visit.tenant(), new CredentialFilter(null, visit.user(), null, null), MAX_SHOWN)
                .map(found ->
                        found.stream().filter(ConnectedAccounts::isOfPerson).toList());
    }

    /** The connection {@code id}; empty when the person has none of that id. */
    public Uni<Optional<StoredCredential>> find(AccountVisit visit, UUID id) {
        return tokens.findCredential(new CredentialKey(visit.tenant(), id))
                .map(found -> found.filter(each -> each.account().user().equals(visit.user()) && isOfPerson(each)));
    }

    /** The machine connection of that name belongs to an application. */
    private static boolean isOfPerson(StoredCredential credential) {
        return credential.status() != CredentialStatus.REVOKED && !credential.isMachine();
    }

    /** Ends a connection of {@link #find}, here and at the provider. The audit trail names the person. */
    public Uni<Void> end(AccountVisit visit, StoredCredential connection) {
        return tokens.revokeCredential(connection.key(), actor(visit)).replaceWithVoid();
    }

    /** A link to connect the account of {@link #find} again, with the scopes that it has. The browser then comes back to the list. */
    public Uni<String> reconnect(AccountVisit visit, StoredCredential connection) {
        return flow.begin(new ConnectFlow.Request(
                        connection.account(),
                        connection.scopes(),
                        publicUrl.accounts(),
                        null,
                        false,
                        null,
                        GrantRequest.of(connection.metadata()),
                        Optional.of(RECONNECT_LINK),
                        actor(visit)))
                .map(ConnectFlow.Link::url);
    }

    private static String actor(AccountVisit visit) {
        return ConnectSession.BY_USER + visit.user();
    }

    private Secret seal(AccountVisit visit, String kind) {
        String sealed =
                sealer.sealUnderMaster(Secret.of(visit.text()), place(kind)).text();
        return Secret.of(sealed.replaceFirst("=+$", "")); // a cookie and a path need no padding
    }

    private Optional<AccountVisit> unseal(String text, String kind) {
        if (!SEALED.matcher(text).matches()) {
            return Optional.empty();
        }
        int length = text.length() - text.indexOf('.') - 1;
        String padded = text + "=".repeat((BASE64_BLOCK - length % BASE64_BLOCK) % BASE64_BLOCK);
        try {
            return Optional.of(AccountVisit.parse(sealer.unsealText(new SealedSecret(padded), place(kind))))
                    .filter(visit -> clock.instant().isBefore(visit.expiresAt()));
        } catch (CryptoException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** The tenant is in the text, so it is not part of the place. A link is no cookie. */
    private static SecretPlace place(String kind) {
        return new SecretPlace(TenantId.DEFAULT, "connected accounts", kind);
    }

    /**
     * A link.
     *
     * @param url a secret until it expires: only the user may get it
     */
    public record AccountLink(String url, Instant expiresAt) {

        /** Without the URL. */
        @Override
        public String toString() {
            return "AccountLink[expiresAt=" + expiresAt + "]";
        }
    }
}
