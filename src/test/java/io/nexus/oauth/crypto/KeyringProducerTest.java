package io.nexus.oauth.crypto;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.crypto.wrapping.KeyWrapper;
import io.smallrye.config.EnvConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Reads configuration as the service does: from the environment, through the mapping. */
class KeyringProducerTest {

    private static final String KEY = "NEXUS_OAUTH_ENCRYPTION_KEY";
    private static final String FILES = "NEXUS_OAUTH_ENCRYPTION_KEY_FILES";

    @TempDir
    Path folder;

    private String one;
    private String two;
    private String three;

    @BeforeEach
    void makeKeys() {
        one = MasterKey.generate();
        two = MasterKey.generate();
        three = MasterKey.generate();
    }

    @Test
    void readsTheEnvironmentFirstKeyFirst() {
        assertThat(read(Map.of(KEY, " " + one + " , " + two + ",")).ids()).containsExactly(id(one), id(two));
    }

    @Test
    void readsFilesInTheOrderListedAndBeforeTheEnvironment() throws IOException {
        Path b = file("b", "# the primary\n\n  " + two + "  \n#" + MasterKey.generate() + "\n");
        Path a = file("a", one);

        assertThat(read(Map.of(KEY, three, FILES, b + "," + a)).ids()).containsExactly(id(two), id(one), id(three));
    }

    @Test
    void readsSeveralKeysOfOneFile() throws IOException {
        assertThat(read(Map.of(FILES, file("keys", one + "\r\n" + two + "\r\n").toString()))
                        .ids())
                .containsExactly(id(one), id(two));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\n", ",", " , "})
    void aBlankKeyIsNoKeyAndTheMessageSaysHowToMakeOne(String blank) {
        assertThatIllegalStateException()
                .isThrownBy(() -> read(Map.of(KEY, blank)))
                .withMessageContaining("openssl rand -base64 32 | tr '+/' '-_'")
                .withMessageContaining("nexus.oauth.encryption.key-files")
                .withMessageContaining("nexus.oauth.encryption.key (NEXUS_OAUTH_ENCRYPTION_KEY)");
    }

    @Test
    void noKeyAndNoFilesIsNoKey() {
        assertThatIllegalStateException().isThrownBy(() -> read(Map.of()));
        assertThatIllegalStateException().isThrownBy(() -> read(Map.of(FILES, "", KEY, "")));
    }

    @Test
    void aBlankKeyBesideAFileIsNotSet() throws IOException {
        assertThat(read(Map.of(KEY, " ", FILES, file("keys", one).toString())).ids())
                .containsExactly(id(one));
    }

    @Test
    void aBadKeyInAFileNamesFileAndLine() throws IOException {
        Path file = file("keys", one + "\nCANARY\n");

        assertInvalid(Map.of(FILES, file.toString()), file + " line 2", "a key is 32 bytes");
    }

    @Test
    void aBadKeyInTheEnvironmentNamesThePropertyAndEntry() {
        assertInvalid(Map.of(KEY, one + ",CANARY"), "nexus.oauth.encryption.key entry 2", "a key is 32 bytes");
    }

    @Test
    void aKeyInBothPlacesIsRefused() throws IOException {
        assertInvalid(
                Map.of(FILES, file("keys", one).toString(), KEY, one),
                "nexus.oauth.encryption.key entry 1",
                "the key is in the keyring already");
    }

    @Test
    void aListedFileWithoutAKeyIsRefusedThoughThereIsAnother() throws IOException {
        Path empty = file("empty", "\n# none yet\n");

        assertInvalid(Map.of(FILES, empty.toString(), KEY, one), empty.toString(), "the file holds no key");
    }

    @Test
    void aListedFileThatCannotBeReadIsRefused() throws IOException {
        Path missing = folder.resolve("missing");
        Path binary = Files.write(folder.resolve("binary"), new byte[] {(byte) 0xff, (byte) 0xfe});

        assertInvalid(Map.of(FILES, missing.toString(), KEY, one), missing.toString(), "the file cannot be read");
        assertInvalid(Map.of(FILES, folder.toString(), KEY, one), folder.toString(), "the file cannot be read");
        assertInvalid(Map.of(FILES, binary.toString(), KEY, one), binary.toString(), "the file cannot be read");
    }

    @Test
    void changesNoFile() throws IOException {
        Path file = file("keys", "CANARY");

        assertInvalid(Map.of(FILES, file.toString()), file + " line 1", "a key is 32 bytes");

        assertThat(file).hasContent("CANARY");
        assertThat(folder).isDirectoryContaining(file::equals);
    }

    private void assertInvalid(Map<String, String> environment, String source, String problem) {
        assertThatExceptionOfType(CryptoException.InvalidKey.class)
                .isThrownBy(() -> read(environment))
                .withMessageStartingWith("Invalid encryption key in " + source + ": " + problem)
                .withMessageNotContaining("CANARY")
                .withMessageNotContaining(one)
                .withNoCause()
                .satisfies(e -> assertThat(e.source()).isEqualTo(source));
    }

    private Path file(String name, String content) throws IOException {
        return Files.writeString(folder.resolve(name), content, StandardCharsets.UTF_8);
    }

    private static Keyring read(Map<String, String> environment) {
        KeyringConfig config = new SmallRyeConfigBuilder()
                .withSources(new EnvConfigSource(environment, 300))
                .addDiscoveredConverters()
                .withMapping(KeyringConfig.class)
                .build()
                .getConfigMapping(KeyringConfig.class);
        return new KeyringProducer(config, wrapped -> {
                    throw new KeyWrapper.Refusal("nobody is asked");
                })
                .read();
    }

    private static String id(String key) {
        return Keyring.of(List.of(Secret.of(key))).primaryId();
    }
}
