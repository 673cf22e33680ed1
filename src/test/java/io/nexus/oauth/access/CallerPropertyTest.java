package io.nexus.oauth.access;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.crypto.OneTimeSecrets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;

/** What holds for every credential text and every policy file. */
class CallerPropertyTest {

    private final OneTimeSecrets secrets = new OneTimeSecrets();

    @Property
    void aKeyReadsBackAndPrintsNothing() {
        ParsedApiKey key = ParsedApiKey.random(secrets);

        assertThat(ParsedApiKey.parse(key.whole().reveal())).contains(key);
        assertThat(key.toString()).doesNotContain(key.secret().reveal());
    }

    /** Mistyped, cut or grown: it is refused before anybody is asked. */
    @Property
    void aKeyWithAnotherCharacterIsNone(@ForAll @IntRange(max = 1 << 20) int where, @ForAll char other) {
        String whole = ParsedApiKey.random(secrets).whole().reveal();
        int at = where % whole.length();

        if (whole.charAt(at) != other) {
            assertThat(ParsedApiKey.parse(whole.substring(0, at) + other + whole.substring(at + 1)))
                    .isEmpty();
        }
        assertThat(ParsedApiKey.parse(whole.substring(0, at))).isEmpty();
        assertThat(ParsedApiKey.parse(whole.substring(0, at) + other + whole.substring(at)))
                .isEmpty();
    }

    @Property
    void anyTextIsAKeyOrNone(@ForAll String text) {
        assertThat(ParsedApiKey.parse(text)).isEmpty();
        assertThat(ParsedApiKey.parse("nxo_" + text)).isEmpty();
    }
}
