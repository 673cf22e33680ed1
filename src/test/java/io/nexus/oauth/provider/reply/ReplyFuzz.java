package io.nexus.oauth.provider.reply;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.provider.Providers;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.egress.ExchangeResult;
import io.nexus.oauth.provider.egress.UrlRule;
import io.vertx.core.MultiMap;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;

/** Whatever a provider, a file of the operator or a caller sends is read without a surprise. */
class ReplyFuzz {

    private static final Instant NOW = Instant.parse("2026-11-22T10:00:00Z");
    private static final UrlRule RULE = new UrlRule(false);
    private static final ProviderProfile PROFILE =
            profile("refresh: {rotation: always}\nresponse: {expires_at: {at: /expires_at, format: iso8601}}\n");

    @FuzzTest
    void tokenJson(byte[] input) {
        verdict(200, "application/json", text(input));
    }

    @FuzzTest
    void tokenForm(byte[] input) {
        verdict(200, "application/x-www-form-urlencoded", text(input));
        verdict(200, "text/plain", text(input));
    }

    @FuzzTest
    void errorBody(byte[] input) {
        String body = text(input);
        for (int status : new int[] {200, 400, 401, 403, 429, 500, 503}) {
            verdict(status, "application/json", body);
        }
    }

    @FuzzTest
    void retryAfter(byte[] input) {
        RetryAfter.read(text(input), NOW).ifPresent(wait -> {
            if (wait.isNegative() || wait.compareTo(Duration.ofMinutes(15)) > 0) {
                throw new AssertionError(wait);
            }
        });
    }

    @FuzzTest
    void scopes(byte[] input) {
        Scopes scopes = Scopes.parse(text(input));
        Scopes granted = Scopes.parseResponse(text(input));
        if (!Scopes.parse(scopes.join(" ")).equals(scopes)
                || !Scopes.parseResponse(granted.join(",")).equals(granted)) {
            throw new AssertionError(scopes);
        }
    }

    private static void verdict(int status, String type, String body) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap().add("Content-Type", type);
        TokenReply reply =
                new TokenReplyReader(PROFILE, NOW, true).read(new ExchangeResult.Complete(status, headers, body));
        if (!reply.code().matches("[a-z0-9_.-]{1,64}")) {
            throw new AssertionError(reply.code());
        }
    }

    private static ProviderProfile profile(String yaml) {
        return Providers.parse("providers:\n  x:\n" + (Providers.ENDPOINTS + yaml).indent(4), RULE)
                .getLast();
    }

    private static String text(byte[] input) {
        return new String(input, StandardCharsets.UTF_8);
    }
}
