package io.nexus.oauth.token.exchange;

import io.nexus.oauth.credential.AccountKey;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.SecretPlace;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The requests that get the same token.
 *
 * @param clients when the OAuth clients were changed that take part: a change ends what they were issued
 * @param subject the digest of the user's token
 * @param subjectType its type, which the provider is told
 */
record ExchangeKey(
        AccountKey account,
        List<Instant> clients,
        String subject,
        String subjectType,
        @Nullable String audience,
        List<String> resources,
        Scopes scopes) {

    static ExchangeKey of(ExchangeQuery query, List<Instant> clients) {
        return new ExchangeKey(
                query.account(),
                List.copyOf(clients),
                query.subject().digest(),
                query.subject().type(),
                query.audience(),
                query.resources(),
                query.scopes());
    }

    /** The place for which the token is sealed. */
    SecretPlace place() {
        return new SecretPlace(account.tenant(), toString(), "exchanged_token");
    }
}
