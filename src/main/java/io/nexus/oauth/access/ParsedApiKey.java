package io.nexus.oauth.access;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.crypto.OneTimeSecrets;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32;

/**
 * The parts of an API key's text.
 *
 * @param id the public part, by which the key is found
 * @param secret the 256 random bits
 */
record ParsedApiKey(String id, Secret secret) {

    private static final Pattern FORM = Pattern.compile("nxo_([a-f0-9]{12})_([A-Za-z0-9_-]{43})_([a-f0-9]{8})");

    static ParsedApiKey random(OneTimeSecrets secrets) {
        return new ParsedApiKey(secrets.digest(secrets.next()).substring(0, 12), secrets.next());
    }

    static Optional<ParsedApiKey> parse(String text) {
        Matcher parts = FORM.matcher(text);
        if (!parts.matches()) {
            return Optional.empty();
        }
        ParsedApiKey key = new ParsedApiKey(parts.group(1), Secret.of(parts.group(2)));
        return key.checksum().equals(parts.group(3)) ? Optional.of(key) : Optional.empty();
    }

    Secret whole() {
        return Secret.of(body() + "_" + checksum());
    }

    private String body() {
        return "nxo_" + id + "_" + secret.reveal();
    }

    private String checksum() {
        CRC32 crc = new CRC32();
        crc.update(body().getBytes(StandardCharsets.UTF_8));
        return String.format("%08x", crc.getValue());
    }
}
