package io.nexus.oauth.provider.egress;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.access.Keytool;
import io.nexus.oauth.provider.assertion.BroughtKey;
import io.nexus.oauth.provider.assertion.ClientCertificate;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The HTTP clients that show a certificate are bounded, and none is closed under a request. */
class HttpClientsTest {

    private static final Vertx VERTX = Vertx.vertx();

    @TempDir
    static Path directory;

    private static final List<String> PEM = new ArrayList<>();

    private static ClientCertificate first;
    private static ClientCertificate second;

    private final AtomicLong nanos = new AtomicLong();
    private final HttpClients clients = new HttpClients(VERTX, null, nanos::get);

    @BeforeAll
    static void certificates() throws Exception {
        for (String name : List.of("a", "b")) {
            PEM.add(Keytool.pem(directory, name, "CN=" + name));
        }
        first = certificate("0");
        second = certificate("1");
    }

    @AfterAll
    static void stop() {
        VERTX.close().toCompletionStage().toCompletableFuture().join();
    }

    @Test
    void eachOwnerAndEachCertificateHasAClientOfItsOwn() {
        HttpClients.Lease own = clients.lease("a", first);

        assertThat(clients.lease("a", first)).isSameAs(own);
        assertThat(clients.lease("b", first)).isNotSameAs(own);
        assertThat(clients.lease("a", second)).isNotSameAs(own);
        assertThat(clients.lease(null, first)).isNotSameAs(own);
        assertThat(clients.size()).isEqualTo(4);
        assertThat(clients.lease("a", null)).isSameAs(clients.lease("b", null));
    }

    @Test
    void allAreBoundedAndTheLeastUsedIsClosed() {
        HttpClients.Lease oldest = clients.lease("owner 0", first);
        oldest.end();
        for (int i = 1; i <= HttpClients.MAX_CLIENTS; i++) {
            clients.lease("owner " + i, first).end();
        }

        assertThat(clients.size()).isEqualTo(HttpClients.MAX_CLIENTS);
        assertThat(oldest.isClosed()).isTrue();
    }

    @Test
    void anOwnerTakesThePlaceOfItsOwnOnly() {
        HttpClients.Lease other = clients.lease("other", first);
        other.end();
        List<HttpClients.Lease> own = new ArrayList<>();
        for (int i = 0; i <= HttpClients.MAX_CLIENTS_PER_OWNER; i++) {
            own.add(clients.lease(
                    "owner", certificate(Integer.toBinaryString(i + 4).substring(1))));
        }

        assertThat(clients.size()).isEqualTo(HttpClients.MAX_CLIENTS_PER_OWNER + 1);
        assertThat(other.isClosed()).isFalse();
        assertThat(own.getFirst().isClosed()).as("in use").isFalse();
        own.getFirst().end();
        assertThat(own.getFirst().isClosed()).isTrue();
    }

    @Test
    void anIdleOneIsClosed() {
        HttpClients.Lease idle = clients.lease("a", first);
        HttpClients.Lease used = clients.lease("a", second);
        idle.end();
        nanos.addAndGet(HttpClients.MAX_IDLE.toNanos());
        clients.sweep();

        assertThat(idle.isClosed()).isTrue();
        assertThat(used.isClosed()).isFalse();
        assertThat(clients.size()).isEqualTo(1);
    }

    /** The chain of the certificates {@code digits}, 0 or 1; its first one has the key. */
    private static ClientCertificate certificate(String digits) {
        StringBuilder pem = new StringBuilder(PEM.get(digits.charAt(0) - '0'));
        digits.substring(1)
                .chars()
                .mapToObj(digit -> PEM.get(digit - '0'))
                .forEach(both -> pem.append(both.substring(both.indexOf("-----BEGIN CERTIFICATE"))));
        return BroughtKey.parse(pem.toString(), null, null, Instant.now())
                .key()
                .certificate()
                .orElseThrow();
    }
}
