package io.nexus.oauth.rig;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * The authorization codes of the rig's provider (RFC 6749 section 4.1, RFC 7636). A code works once, for the client, the redirect URI
 * and the verifier of its request. The user who consents is named in the request: nobody types a password here.
 */
final class RigCodes {

    /** A code that was issued and not presented yet. */
    private record Code(String provider, String redirectUri, String challenge, String tenant, String user) {}

    /** The account of a code that was good. */
    record Consent(String tenant, String user) {}

    private final Journal log;
    private final String marker;
    private final Map<String, Code> codes = new HashMap<>();
    private final AtomicInteger numbers = new AtomicInteger();

    RigCodes(Journal log, String marker) {
        this.log = log;
        this.marker = marker;
    }

    /** Where the browser goes after the consent of {@code tenant} and {@code user} in {@code params}. */
    synchronized String authorize(String provider, Map<String, String> params) {
        String user = params.get("user");
        String code = "code~" + user + "~" + numbers.incrementAndGet() + "~" + marker;
        codes.put(
                code,
                new Code(
                        provider,
                        params.get("redirect_uri"),
                        params.get("code_challenge"),
                        params.get("tenant"),
                        user));
        return params.get("redirect_uri") + "?code=" + code + "&state=" + params.get("state");
    }

    /** Uses a code up; null when it is not good. */
    synchronized Consent trade(String provider, Map<String, String> params) {
        String text = params.getOrDefault("code", "");
        Code code = codes.remove(text);
        if (code == null) {
            // codes come from redirects, so one that is not known was used before
            log.add("code_again", "p", provider, "code", text.replace(marker, ""));
            return null;
        }
        boolean good = code.provider.equals(provider)
                && code.redirectUri.equals(params.get("redirect_uri"))
                && code.challenge.equals(challenge(params.getOrDefault("code_verifier", "")));
        return good ? new Consent(code.tenant, code.user) : null;
    }

    private static String challenge(String verifier) {
        try {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(StandardCharsets.US_ASCII));
            return Base64.getUrlEncoder().withoutPadding().encodeToString(digest);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
