package io.nexus.oauth.crypto;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

/** The vectors of RFC 5869 appendix A that have no salt or give the extracted key; output cut at 32 bytes. */
class HkdfTest {

    private static final HexFormat HEX = HexFormat.of();

    @Test
    void extractsAsAppendixA3() {
        assertThat(HEX.formatHex(Hkdf.extract(HEX.parseHex("0b".repeat(22)))))
                .isEqualTo("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");
    }

    @Test
    void expandsAsAppendixA3() {
        byte[] extracted = HEX.parseHex("19ef24a32c717b167f33a91d6f648bdf96596776afdb6377ac434c1c293ccb04");

        assertThat(HEX.formatHex(Hkdf.expand(extracted, new byte[0])))
                .isEqualTo("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
    }

    @Test
    void expandsAsAppendixA1() {
        byte[] extracted = HEX.parseHex("077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5");

        assertThat(HEX.formatHex(Hkdf.expand(extracted, HEX.parseHex("f0f1f2f3f4f5f6f7f8f9"))))
                .isEqualTo("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf");
    }
}
