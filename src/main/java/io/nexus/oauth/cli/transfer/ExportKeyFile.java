package io.nexus.oauth.cli.transfer;

import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.PrivateFile;
import io.nexus.oauth.cli.terminal.Shell;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PrivateKey;
import java.util.Map;
import java.util.Optional;
import org.jose4j.jwa.AlgorithmConstraints;
import org.jose4j.jwa.AlgorithmConstraints.ConstraintType;
import org.jose4j.jwe.ContentEncryptionAlgorithmIdentifiers;
import org.jose4j.jwe.JsonWebEncryption;
import org.jose4j.jwe.KeyManagementAlgorithmIdentifiers;
import org.jose4j.jwk.EcJwkGenerator;
import org.jose4j.jwk.JsonWebKey.OutputControlLevel;
import org.jose4j.jwk.PublicJsonWebKey;
import org.jose4j.keys.EllipticCurves;
import org.jose4j.lang.JoseException;

/** The key of an export, as a JWK (RFC 7517) in a file. The public key encrypts, the private key decrypts. */
final class ExportKeyFile {

    private final PublicJsonWebKey key;

    private ExportKeyFile(PublicJsonWebKey key) {
        this.key = key;
    }

    static ExportKeyFile read(Shell shell, String file) {
        try {
            return new ExportKeyFile(PublicJsonWebKey.Factory.newPublicJwk(shell.secretFrom(file)));
        } catch (JoseException | RuntimeException e) {
            if (e instanceof CommandFailure failure) {
                throw failure;
            }
            throw CommandFailure.usage(file + " is not a valid JWK (RFC 7517)");
        }
    }

    /** Creates a key in {@code file}. Fails when the file exists. */
    static ExportKeyFile make(Shell shell, String file) {
        Path path = shell.expanded(file);
        if (Files.exists(path)) {
            throw CommandFailure.usage(file + " already exists and is not overwritten");
        }
        try {
            PublicJsonWebKey made = EcJwkGenerator.generateJwk(EllipticCurves.P256);
            PrivateFile.write(path, made.toJson(OutputControlLevel.INCLUDE_PRIVATE) + "\n");
            return new ExportKeyFile(made);
        } catch (JoseException | IOException e) {
            throw new CommandFailure(ExitCode.FAILED, "cannot create a key in " + file);
        }
    }

    /** The public part of the key. */
    Map<String, Object> publicPart() {
        return key.toParams(OutputControlLevel.PUBLIC_ONLY);
    }

    /** Decrypts a JWE (RFC 7516); empty when the key does not decrypt it. Fails when the key is a public one. */
    Optional<String> open(String sealed) {
        PrivateKey secret = key.getPrivateKey();
        if (secret == null) {
            throw CommandFailure.usage("the key file contains a public key: use the private key");
        }
        try {
            JsonWebEncryption text = new JsonWebEncryption();
            text.setAlgorithmConstraints(new AlgorithmConstraints(
                    ConstraintType.PERMIT,
                    KeyManagementAlgorithmIdentifiers.ECDH_ES_A256KW,
                    KeyManagementAlgorithmIdentifiers.RSA_OAEP_256));
            text.setContentEncryptionAlgorithmConstraints(
                    new AlgorithmConstraints(ConstraintType.PERMIT, ContentEncryptionAlgorithmIdentifiers.AES_256_GCM));
            text.setCompactSerialization(sealed);
            text.setKey(secret);
            return Optional.of(text.getPlaintextString());
        } catch (JoseException e) {
            return Optional.empty();
        }
    }
}
