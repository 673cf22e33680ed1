package io.nexus.oauth.provider.egress;

import io.nexus.oauth.testing.LocalPorts;
import io.nexus.oauth.testing.Signals;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A Squid on loopback, with names and users of its own. It permits {@code *.unresolved.example}, except
 * {@code *.forbidden.unresolved.example}, and addresses of this machine.
 */
final class Squid implements AutoCloseable {

    private final Path directory;
    private final int port = LocalPorts.free();
    private final Process process;

    /**
     * A proxy.
     *
     * @param hosts the names that it knows; all are this machine
     */
    Squid(Path program, Path directory, String login, List<String> hosts) throws IOException, InterruptedException {
        this.directory = directory;
        // started by root, it runs as another user
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxrwxrwx"));
        login(login);
        Files.write(
                directory.resolve("hosts"),
                hosts.stream().map(each -> "127.0.0.1 " + each).toList());
        Files.writeString(directory.resolve("users"), """
                while read user password; do
                  if [ "$user:$password" = "$(cat %s/login)" ]; then echo OK; else echo ERR; fi
                done
                """.formatted(directory));
        Path file = Files.writeString(directory.resolve("squid.conf"), """
                http_port 127.0.0.1:%1$d
                udp_outgoing_address 127.0.0.1
                pid_filename none
                hosts_file %2$s/hosts
                dns_nameservers 127.0.0.1
                access_log stdio:%2$s/access.log
                cache_log %2$s/cache.log
                cache deny all
                cache_mem 4 MB
                memory_cache_shared off
                netdb_filename none
                coredump_dir none
                shutdown_lifetime 1 second
                connect_timeout 2 seconds
                auth_param basic program /bin/sh %2$s/users
                auth_param basic children 1
                auth_param basic credentialsttl 1 second
                acl known proxy_auth REQUIRED
                acl names dstdomain -n .unresolved.example
                acl forbidden dstdomain -n .forbidden.unresolved.example
                acl addresses dst 127.0.0.1/32
                http_access deny !known
                http_access deny forbidden
                http_access allow CONNECT names
                http_access allow CONNECT addresses
                http_access deny all
                """.formatted(port, directory));
        process = Signals.start(new ProcessBuilder(program.toString(), "-N", "-f", file.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("squid.out").toFile()));
        Signals.await("Squid listens", Duration.ofSeconds(30), () -> {
            if (!process.isAlive()) {
                throw new IllegalStateException("Squid ended");
            }
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                return socket.isConnected();
            } catch (IOException e) {
                return false;
            }
        });
    }

    int port() {
        return port;
    }

    /** From now on {@code login}, {@code user:password}, is the only one. */
    void login(String login) throws IOException {
        Files.writeString(directory.resolve("login"), login);
    }

    /** The lines of the access log. */
    List<String> log() throws IOException {
        return Files.readAllLines(directory.resolve("access.log"));
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(10, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
    }
}
