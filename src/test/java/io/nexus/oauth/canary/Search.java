package io.nexus.oauth.canary;

import java.io.IOException;
import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;

/** Finds secrets in bytes: plain, in base64 and base64url at each of their three offsets, in hexadecimal and URL-encoded. */
final class Search {

    private static final int LEAST = 8;

    private record Form(String canary, String form, byte[] bytes) {}

    private final Map<String, byte[]> canaries = new LinkedHashMap<>();

    void add(String name, String secret) {
        add(name, secret.getBytes(StandardCharsets.UTF_8));
    }

    void add(String name, byte[] secret) {
        if (secret.length < 2 * LEAST) {
            throw new IllegalArgumentException(name + " is too short to be looked for");
        }
        canaries.put(name, secret);
    }

    int size() {
        return canaries.size();
    }

    Map<String, byte[]> all() {
        return canaries;
    }

    /** What is found in {@code bytes}, each as {@code where: canary (form)}. */
    List<String> in(String where, byte[] bytes) {
        Map<Long, List<Form>> forms = forms();
        List<String> found = new ArrayList<>();
        long window = 0;
        for (int i = 0; i < bytes.length; i++) {
            window = window << 8 | bytes[i] & 0xff;
            List<Form> candidates = i + 1 < LEAST ? null : forms.get(window);
            if (candidates != null) {
                int from = i + 1 - LEAST;
                candidates.stream()
                        .filter(form -> matches(bytes, from, form.bytes()))
                        .map(form -> where + ": " + form.canary() + " (" + form.form() + ")")
                        .filter(finding -> !found.contains(finding))
                        .forEach(found::add);
            }
        }
        return found;
    }

    List<String> in(String where, String text) {
        return in(where, text.getBytes(StandardCharsets.UTF_8));
    }

    /** In every file below {@code directory}. */
    List<String> inFiles(Path directory) throws IOException {
        List<String> found = new ArrayList<>();
        List<Path> files;
        try (Stream<Path> walk = Files.walk(directory)) {
            files = walk.filter(Files::isRegularFile).toList();
        }
        for (Path file : files) {
            found.addAll(in(directory.relativize(file).toString(), Files.readAllBytes(file)));
        }
        return found;
    }

    private static boolean matches(byte[] bytes, int from, byte[] part) {
        return from + part.length <= bytes.length
                && Arrays.equals(bytes, from, from + part.length, part, 0, part.length);
    }

    /** By their first eight bytes. */
    private Map<Long, List<Form>> forms() {
        Map<Long, List<Form>> forms = new HashMap<>();
        canaries.forEach((name, secret) -> forms(name, secret)
                .forEach(form -> forms.computeIfAbsent(
                                ByteBuffer.wrap(form.bytes()).getLong(), first -> new ArrayList<>())
                        .add(form)));
        return forms;
    }

    static List<String> encodings(byte[] secret) {
        return forms("", secret).stream()
                .map(form -> new String(form.bytes(), StandardCharsets.ISO_8859_1))
                .toList();
    }

    private static List<Form> forms(String name, byte[] secret) {
        List<Form> forms = new ArrayList<>();
        forms.add(new Form(name, "plain", secret));
        forms.add(text(name, "hex", HexFormat.of().formatHex(secret)));
        forms.add(text(name, "HEX", HexFormat.of().formatHex(secret).toUpperCase(Locale.ROOT)));
        String url = URLEncoder.encode(new String(secret, StandardCharsets.ISO_8859_1), StandardCharsets.ISO_8859_1);
        if (!url.equals(new String(secret, StandardCharsets.ISO_8859_1))) {
            forms.add(text(name, "URL", url));
        }
        for (int offset = 0; offset < 3; offset++) {
            byte[] shifted = new byte[offset + secret.length];
            System.arraycopy(secret, 0, shifted, offset, secret.length);
            // what depends on its neighbours is cut off at both ends
            int from = offset == 0 ? 0 : 4;
            int to = shifted.length / 3 * 4;
            String base64 = Base64.getEncoder().encodeToString(shifted).substring(from, to);
            forms.add(text(name, "base64+" + offset, base64));
            forms.add(text(name, "base64url+" + offset, base64.replace('+', '-').replace('/', '_')));
        }
        return forms;
    }

    private static Form text(String name, String form, String text) {
        return new Form(name, form, text.getBytes(StandardCharsets.US_ASCII));
    }
}
