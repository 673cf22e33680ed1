package io.nexus.oauth.rest.exchange;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.connect.ConnectFlow;
import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.GrantRequest;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.token.TokenManager;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.ws.rs.core.Response;
import java.time.Duration;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * The links with which users connect their accounts after a failed exchange. A caller that asks in a loop gets one link a minute for an
 * account, which is valid for a quarter of an hour, so that failed exchanges do not use up the links of the tenant.
 */
@ApplicationScoped
class ConnectLinks {

    private static final Logger LOG = Logger.getLogger(ConnectLinks.class);
    private static final Duration INTERVAL = Duration.ofMinutes(1);
    private static final Duration LIFETIME = Duration.ofMinutes(15);
    private static final int MAX_REMEMBERED = 10_000;

    private final ConnectFlow connect;
    private final TokenManager tokens;
    private final Cache<String, Boolean> recent = Caffeine.newBuilder()
            .expireAfterWrite(INTERVAL)
            .maximumSize(MAX_REMEMBERED)
            .build();

    ConnectLinks(ConnectFlow connect, TokenManager tokens) {
        this.connect = connect;
        this.tokens = tokens;
    }

    /**
     * Fails with {@code error}: with a link, if the user can help, the caller has the role connector for the account, and it
     * got no link for it in the last minute.
     *
     * @param asked the scopes of the exchange. The link asks for those of the grant, too
     */
    Uni<Response> added(TokenError error, Caller caller, AccountKey account, Scopes asked) {
        String place = caller.name() + " " + account;
        if (!error.needsInteraction()
                || !caller.roles().contains(Role.CONNECTOR)
                || recent.asMap().putIfAbsent(place, true) != null) {
            return Uni.createFrom().failure(error);
        }
        return tokens.findCredential(account)
                .chain(found -> link(caller, account, asked, found))
                .onItemOrFailure()
                .transformToUni((link, none) -> {
                    if (none != null) {
                        LOG.debugf("no connect link for a failed exchange: %s", none.getMessage());
                    }
                    return Uni.createFrom()
                            .failure(Optional.ofNullable(link)
                                    .flatMap(found -> found)
                                    .map(each -> error.withLink(each.url()))
                                    .orElse(error));
                });
    }

    private Uni<Optional<ConnectFlow.Link>> link(
            Caller caller, AccountKey account, Scopes asked, Optional<StoredCredential> found) {
        Scopes scopes = found.map(StoredCredential::scopes)
                .map(granted -> granted.plus(asked.values()))
                .orElse(asked);
        boolean isMachine = found.filter(StoredCredential::isMachine).isPresent();
        return isMachine || !caller.limits(Role.CONNECTOR).allows(account, scopes)
                ? Uni.createFrom().item(Optional.empty())
                : connect.begin(new ConnectFlow.Request(
                                account,
                                scopes,
                                null,
                                null,
                                false,
                                null,
                                found.map(StoredCredential::metadata)
                                        .map(GrantRequest::of)
                                        .orElse(GrantRequest.NONE),
                                Optional.of(LIFETIME),
                                caller.name()))
                        .map(Optional::of);
    }
}
