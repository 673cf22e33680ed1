package io.nexus.oauth.rig;

import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.crypto.Keyring;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** The file of master keys that all replicas read, again and again. No key is ever taken from it. */
final class MasterKeyFile {

    private final Path file;
    private final List<String> keys = new ArrayList<>();

    MasterKeyFile(Path file) throws IOException {
        this.file = file;
        addFirst(World.key());
    }

    Path file() {
        return file;
    }

    /** Every key, the one that is to seal first. */
    synchronized List<String> all() {
        return List.copyOf(keys);
    }

    /** The replicas open with {@code key}, and seal under it as soon as all of them have it. */
    synchronized void addFirst(String key) throws IOException {
        keys.remove(key);
        keys.addFirst(key);
        write();
    }

    /** The replicas only open with {@code key}. */
    synchronized void addLast(String key) throws IOException {
        keys.addLast(key);
        write();
    }

    private void write() throws IOException {
        // a replica that reads meanwhile gets the old file or the new one
        Path fresh = Files.write(file.resolveSibling(file.getFileName() + ".new"), keys);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** The id by which the service calls {@code key}. */
    static String id(String key) {
        return Keyring.of(List.of(Secret.of(key))).primaryId();
    }
}
