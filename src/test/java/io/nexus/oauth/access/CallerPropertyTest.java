package io.nexus.oauth.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.crypto.OneTimeSecrets;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;

/** What holds for every credential text and every policy file. */
class CallerPropertyTest {

    private final OneTimeSecrets secrets = new OneTimeSecrets();

    @Property
    void aKeyReadsBackAndPrintsNothing() {
        ApiKeyText key = ApiKeyText.random(secrets);

        assertThat(ApiKeyText.parse(key.whole().reveal())).contains(key);
        assertThat(key.toString()).doesNotContain(key.secret().reveal());
    }

    /** Mistyped, cut or grown: it is refused before anybody is asked. */
    @Property
    void aKeyWithAnotherCharacterIsNone(@ForAll @IntRange(max = 1 << 20) int where, @ForAll char other) {
        String whole = ApiKeyText.random(secrets).whole().reveal();
        int at = where % whole.length();

        if (whole.charAt(at) != other) {
            assertThat(ApiKeyText.parse(whole.substring(0, at) + other + whole.substring(at + 1)))
                    .isEmpty();
        }
        assertThat(ApiKeyText.parse(whole.substring(0, at))).isEmpty();
        assertThat(ApiKeyText.parse(whole.substring(0, at) + other + whole.substring(at)))
                .isEmpty();
    }

    @Property
    void anyTextIsAKeyOrNone(@ForAll String text) {
        assertThat(ApiKeyText.parse(text)).isEmpty();
        assertThat(ApiKeyText.parse("nxo_" + text)).isEmpty();
    }

    /** A file is taken as a whole, or refused with words about it. */
    @Property
    void anyFileIsRefusedWithWords(@ForAll @StringLength(max = 200) String text) {
        for (String yaml : List.of(text, "policies: " + text, "policies:\n  - name: " + text)) {
            try {
                assertThat(PolicyText.parse(yaml))
                        .allMatch(policy -> policy.faults().isEmpty());
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).isNotBlank().doesNotContain("java.", "io.nexus");
            }
        }
    }

    @Property
    void aStarNeverReachesOverASeparator(@ForAll @StringLength(max = 20) String text) {
        Policy policy = new Policy(
                "p", "i", "system:serviceaccount:ns:*", List.of("t"), List.of("token-reader"), null, null, null);

        boolean matches = policy.subjects().matches("system:serviceaccount:ns:" + text);

        assertThat(matches).isEqualTo(!text.isEmpty() && text.chars().noneMatch(c -> c == ':' || c == '/' || c == ','));
    }
}
