package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.Page;
import io.nexus.oauth.api.ProviderHealthView;
import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.monitor.ProviderHealth;
import io.nexus.oauth.token.client.ClientLimiters;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Shows the health of the providers as this replica knows it. Clients of all tenants share a provider, so the caller needs the role
 * admin for all tenants.
 */
@Path("/api/v1/provider-health")
@Produces(MediaType.APPLICATION_JSON)
@RolesAllowed(Role.Names.ADMIN)
public class ProviderHealthResource {

    private static final int MAX_CLIENTS = 100;

    /** Those in trouble first. */
    private static final List<String> CIRCUITS = List.of("open", "half_open", "paused", "closed");

    private static final List<String> STATES = List.of("failing", "impaired", "healthy");

    private final ProviderHealth health;
    private final ClientLimiters limiters;
    private final CurrentCaller caller;

    ProviderHealthResource(ProviderHealth health, ClientLimiters limiters, CurrentCaller caller) {
        this.health = health;
        this.limiters = limiters;
        this.caller = caller;
    }

    /** Lists the providers that this replica has used, those in trouble first. */
    @GET
    public Uni<Page<ProviderHealthView>> list() {
        if (!caller.get().hasInEveryTenant(Role.ADMIN)) {
            throw new CredentialException.Forbidden("the health of providers needs the role admin for all tenants");
        }
        Map<String, List<ClientLimiters.ClientState>> clients = limiters.states();
        Set<String> used = new HashSet<>(health.providers());
        used.addAll(clients.keySet());
        List<ProviderHealthView> views = used.stream()
                .map(provider -> view(provider, health.of(provider), clients.getOrDefault(provider, List.of())))
                .sorted(Comparator.comparingInt((ProviderHealthView each) -> STATES.indexOf(each.state()))
                        .thenComparing(ProviderHealthView::provider))
                .toList();
        return Uni.createFrom().item(new Page<>(views, null));
    }

    private static ProviderHealthView view(
            String provider, ProviderHealth.Report report, List<ClientLimiters.ClientState> clients) {
        return new ProviderHealthView(
                provider,
                state(report, clients),
                report.failures(),
                report.reason(),
                report.succeededAt(),
                report.failedAt(),
                report.refreshes(),
                report.failed(),
                report.mean().toMillis(),
                report.longest().toMillis(),
                report.metadataReads(),
                report.metadataFailures(),
                clients.stream()
                        .map(ProviderHealthResource::view)
                        .sorted(Comparator.comparingInt(
                                        (ProviderHealthView.Client each) -> CIRCUITS.indexOf(each.circuit()))
                                .thenComparing(ProviderHealthView.Client::clientId))
                        .limit(MAX_CLIENTS)
                        .toList());
    }

    private static String state(ProviderHealth.Report report, List<ClientLimiters.ClientState> clients) {
        if (!report.healthy()
                || clients.stream().anyMatch(each -> each.circuit().equals("open"))) {
            return "failing";
        }
        boolean waits = clients.stream().anyMatch(each -> !each.circuit().equals("closed"));
        return waits || report.failures() > 0 ? "impaired" : "healthy";
    }

    private static ProviderHealthView.Client view(ClientLimiters.ClientState client) {
        return new ProviderHealthView.Client(
                client.clientId(),
                client.tenant(),
                client.circuit(),
                client.reason(),
                client.delay().toSeconds(),
                client.limit(),
                client.inFlight());
    }
}
