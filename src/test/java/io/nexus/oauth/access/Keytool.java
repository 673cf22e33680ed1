package io.nexus.oauth.access;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/** Makes keys and certificates with the JDK's own tool. */
public final class Keytool {

    public static final String PASSWORD = "password";

    private Keytool() {}

    /** A key {@code name}.p12 with a certificate of its own, {@code name}.pem, whose path is the result. */
    public static Path key(Path directory, String name, String subject, String extension)
            throws IOException, InterruptedException {
        Files.createDirectories(directory);
        Files.deleteIfExists(directory.resolve(name + ".p12"));
        List<String> arguments = new ArrayList<>(List.of(
                "-genkeypair",
                "-alias",
                name,
                "-keyalg",
                "EC",
                "-groupname",
                "secp256r1",
                "-dname",
                subject,
                "-validity",
                "2"));
        if (extension != null) {
            arguments.addAll(List.of("-ext", extension));
        }
        run(directory, name, arguments);
        Path certificate = directory.resolve(name + ".pem");
        Files.deleteIfExists(certificate);
        run(directory, name, List.of("-exportcert", "-rfc", "-alias", name, "-file", certificate.toString()));
        return certificate;
    }

    /** A key {@code name} as {@link #key} makes it: the private key and the certificate in PEM. */
    public static String pem(Path directory, String name, String subject) throws Exception {
        Path certificate = key(directory, name, subject, null);
        return privateKey(directory, name) + Files.readString(certificate);
    }

    /** The private key of {@code name} in PEM. */
    public static String privateKey(Path directory, String name) throws Exception {
        KeyStore store = KeyStore.getInstance(directory.resolve(name + ".p12").toFile(), PASSWORD.toCharArray());
        byte[] encoded = store.getKey(name, PASSWORD.toCharArray()).getEncoded();
        return "-----BEGIN PRIVATE KEY-----\n" + Base64.getMimeEncoder().encodeToString(encoded)
                + "\n-----END PRIVATE KEY-----\n";
    }

    /** Adds the certificate of {@code name} to {@code store}.p12. */
    public static void trust(Path directory, String name, String store) throws IOException, InterruptedException {
        String certificate = directory.resolve(name + ".pem").toString();
        run(directory, store, List.of("-importcert", "-noprompt", "-alias", name, "-file", certificate));
    }

    private static void run(Path directory, String store, List<String> arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        command.addAll(arguments);
        String file = directory.resolve(store + ".p12").toString();
        command.addAll(List.of("-keystore", file, "-storetype", "PKCS12", "-storepass", PASSWORD));
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IOException(said);
        }
    }
}
