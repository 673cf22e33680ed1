package io.nexus.oauth.crypto;

import java.security.SecureRandom;

/** The one source of keys and initialization vectors; safe for use by several threads. */
final class Randomness {

    static final SecureRandom SOURCE = new SecureRandom();

    private Randomness() {}
}
