package io.nexus.oauth.provider.catalogue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.nexus.oauth.provider.Providers;
import io.nexus.oauth.provider.egress.UrlRule;
import java.nio.charset.StandardCharsets;

/** Any file of an operator is read or refused without a surprise. */
class CatalogueFuzz {

    private static final UrlRule RULE = new UrlRule(false);

    /** A catalogue is read, or refused with everything that is wrong. */
    @FuzzTest
    void catalogue(byte[] input) {
        try {
            Providers.parse(new String(input, StandardCharsets.UTF_8), RULE);
        } catch (IllegalStateException expected) {
            if (!expected.getMessage().startsWith("the provider catalogue has ")) {
                throw expected;
            }
        }
    }
}
