package io.nexus.oauth.provider.egress;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The user and password for the proxy (RFC 7617). A file is read again when its last reading is older than a second, so a
 * changed file counts soon. A file that cannot be used any more leaves the last credentials in force.
 */
final class ProxyCredentials {

    private static final Duration MAX_AGE = Duration.ofSeconds(1);

    private final @Nullable Path file;
    private final Vertx vertx;
    private final Consumer<String> warning;
    private volatile @Nullable Login login;
    private volatile long readAt;

    /** User and password. */
    record Login(String user, String password) {

        /** Both are secret. */
        @Override
        public String toString() {
            return "Login";
        }

        /** The credentials in {@code text}, {@code user:password}; empty when it is something else. */
        static Optional<Login> of(String text) {
            String line = text.strip();
            int colon = line.indexOf(':');
            boolean control = line.chars().anyMatch(each -> each < ' ' || each == 0x7f);
            return colon < 1 || control
                    ? Optional.empty()
                    : Optional.of(new Login(line.substring(0, colon), line.substring(colon + 1)));
        }
    }

    /**
     * The credentials in {@code file}. Blocks.
     *
     * @param warning takes a sentence about a file that cannot be used any more
     * @throws IllegalStateException when the file cannot be read, or has no credentials
     */
    ProxyCredentials(Vertx vertx, Path file, Consumer<String> warning) {
        this.vertx = vertx;
        this.file = file;
        this.warning = warning;
        try {
            this.login = Login.of(Files.readString(file)).orElseThrow(() -> new IllegalStateException(wrong(file)));
        } catch (IOException e) {
            throw new IllegalStateException(unreadable(file), e);
        }
        this.readAt = System.nanoTime();
    }

    /** Credentials that do not change, or none. */
    ProxyCredentials(Vertx vertx, @Nullable Login login) {
        this.vertx = vertx;
        this.file = null;
        this.warning = sentence -> {};
        this.login = login;
    }

    /** The credentials to use now. Never fails; does not block. */
    Future<Optional<Login>> current() {
        if (file == null || System.nanoTime() - readAt < MAX_AGE.toNanos()) {
            return Future.succeededFuture(Optional.ofNullable(login));
        }
        Path path = file;
        return vertx.fileSystem()
                .readFile(path.toString())
                .map(text -> Login.of(text.toString(StandardCharsets.UTF_8)))
                .onSuccess(found -> found.ifPresentOrElse(each -> login = each, () -> warning.accept(wrong(path))))
                .onFailure(failure -> warning.accept(unreadable(path)))
                .onComplete(done -> readAt = System.nanoTime())
                .transform(done -> Future.succeededFuture(Optional.ofNullable(login)));
    }

    private static String wrong(Path file) {
        return ForwardProxy.KEY + ".credentials-file: " + file + " must have one line, user:password";
    }

    private static String unreadable(Path file) {
        return ForwardProxy.KEY + ".credentials-file: " + file + " cannot be read";
    }
}
