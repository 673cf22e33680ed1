package io.nexus.oauth.provider.egress;

import com.code_intelligence.jazzer.junit.FuzzTest;

/** Whatever a server sends under whatever label, its body becomes a text of bounded length. */
class BodyFuzz {

    private static final int CAP = 64 * 1024;

    @FuzzTest
    void body(byte[] input) {
        for (String header : new String[] {"", "gzip", "deflate", "deflate, gzip"}) {
            try {
                String text = ContentCodings.text(ContentCodings.decode(header, input, CAP));
                if (text.length() > Math.max(CAP, input.length)) {
                    throw new AssertionError(text.length());
                }
            } catch (ContentCodings.TooLargeException e) {
                continue;
            }
        }
    }
}
