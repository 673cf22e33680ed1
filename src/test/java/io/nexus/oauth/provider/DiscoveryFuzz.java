package io.nexus.oauth.provider;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.egress.UrlRule;
import io.nexus.oauth.provider.entry.ProfileTerm.AssertionAudience;
import io.nexus.oauth.provider.metadata.Discovery;
import io.nexus.oauth.provider.reply.ReplyBody;
import java.nio.charset.StandardCharsets;

/** Any metadata of a server is read without a surprise. */
class DiscoveryFuzz {

    private static final UrlRule RULE = new UrlRule(false);

    /** The metadata of a server, as far as it is read before its addresses are believed. */
    @FuzzTest
    void discovery(byte[] input) {
        ReplyBody.json(new String(input, StandardCharsets.UTF_8)).ifPresent(body -> {
            String issuer = body.at("/issuer").asText("");
            Discovery.isSame(
                    issuer,
                    "https://as.example",
                    new ProviderProfile.Issuer("https://as.example", null, AssertionAudience.ISSUER));
            String endpoint = body.text("/token_endpoint");
            if (endpoint != null
                    && RULE.fault(endpoint).isEmpty()
                    && !endpoint.regionMatches(true, 0, "https://", 0, 8)) {
                throw new AssertionError(endpoint);
            }
        });
    }
}
