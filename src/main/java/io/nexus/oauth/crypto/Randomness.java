package io.nexus.oauth.crypto;

import java.security.SecureRandom;

/** The only source of random keys and initialization vectors; thread-safe. */
final class Randomness {

    static final SecureRandom SOURCE = new SecureRandom();

    private Randomness() {}
}
