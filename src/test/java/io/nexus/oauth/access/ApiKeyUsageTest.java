package io.nexus.oauth.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.nexus.oauth.rest.Api;
import io.nexus.oauth.store.access.ApiKeyStore;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ApiKeyUsageTest {

    @Inject
    ApiKeyUsage usage;

    @Inject
    ApiKeyStore store;

    private final String tenant = Api.unique("tenant");

    @Test
    void theUseOfAKeyIsKeptButNotByTheRequest() {
        String used = Api.key(tenant, "auditor");
        Api.key(tenant, "auditor");
        Instant before = Instant.now().minusMillis(1);
        usage.flush().await().indefinitely();
        Api.as(used).get("/api/v1/audit").then().statusCode(200);

        usage.flush().await().indefinitely();

        // the service's own schedule may have taken it, and be writing it
        await().until(() -> lastUsed().getFirst() != null);
        List<String> times = lastUsed();
        assertThat(times).hasSize(2).element(1).isNull();
        assertThat(Instant.parse(times.getFirst())).isBetween(before, Instant.now());
    }

    @Test
    void theUsesThatWaitAreBoundedAndTheNextUseOfAnotherKeyIsKept() {
        ApiKeyUsage own = new ApiKeyUsage(store, Clock.systemUTC());
        IntStream.range(0, 20_000).forEach(i -> own.used("hostile-" + i));
        String another = Api.key(tenant, "auditor").split("_")[1];

        own.used(another);

        assertThat(own.size()).isEqualTo(ApiKeyUsage.MAX_WAITING);
        own.flush().await().indefinitely();
        assertThat(own.size()).isZero();
        assertThat(lastUsed()).containsOnlyNulls();
        own.used(another);
        own.flush().await().indefinitely();
        assertThat(lastUsed()).doesNotContainNull();
    }

    private List<String> lastUsed() {
        return Api.admin().queryParam("tenant", tenant).get("/api/v1/api-keys").path("items.last_used_at");
    }
}
