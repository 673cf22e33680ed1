package io.nexus.oauth.rest;

import io.nexus.oauth.access.CurrentCaller;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.access.caller.Role;
import io.nexus.oauth.api.OverviewView;
import io.nexus.oauth.credential.CredentialState;
import io.nexus.oauth.credential.Overview;
import io.nexus.oauth.token.CredentialOverview;
import io.smallrye.mutiny.Uni;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Counts the tenant's credentials by state. */
@Path("/api/v1/overview")
@Produces(MediaType.APPLICATION_JSON)
public class OverviewResource {

    private final CredentialOverview overview;
    private final CurrentCaller caller;

    OverviewResource(CredentialOverview overview, CurrentCaller caller) {
        this.overview = overview;
        this.caller = caller;
    }

    /** Counts the credentials within the caller's limits. */
    @GET
    @RolesAllowed({Role.Names.TENANT_ADMIN, Role.Names.CONNECTOR})
    public Uni<OverviewView> get() {
        Caller who = caller.get();
        return overview.of(who.tenant(), who.limits(Role.CONNECTOR, Role.TENANT_ADMIN))
                .map(OverviewResource::view);
    }

    private static OverviewView view(Overview found) {
        List<OverviewView.Counts> providers = found.providers().stream()
                .map(counts -> new OverviewView.Counts(
                        counts.provider(),
                        counts.valid(),
                        counts.ending(),
                        counts.expired(),
                        counts.lapsed(),
                        counts.ended(),
                        counts.revoked(),
                        states(state -> counts.states().getOrDefault(state, 0L)),
                        counts.failing(),
                        counts.failedAt(),
                        counts.error()))
                .toList();
        return new OverviewView(
                total(providers),
                providers,
                found.ending().stream()
                        .map(each -> new OverviewView.Ending(each.id(), each.provider(), each.user(), each.at()))
                        .toList(),
                found.refreshes().stream()
                        .map(hour ->
                                new OverviewView.Hour(hour.start(), hour.refreshed(), hour.ended(), hour.handedOut()))
                        .toList());
    }

    private static OverviewView.Counts total(List<OverviewView.Counts> parts) {
        @Nullable Instant failedAt = parts.stream()
                .map(OverviewView.Counts::lastFailedAt)
                .filter(Objects::nonNull)
                .max(Instant::compareTo)
                .orElse(null);
        return new OverviewView.Counts(
                null,
                sum(parts, OverviewView.Counts::valid),
                sum(parts, OverviewView.Counts::ending),
                sum(parts, OverviewView.Counts::expired),
                sum(parts, OverviewView.Counts::lapsed),
                sum(parts, OverviewView.Counts::reauthRequired),
                sum(parts, OverviewView.Counts::revoked),
                states(state -> sum(parts, counts -> counts.states().getOrDefault(state.value(), 0L))),
                sum(parts, OverviewView.Counts::failing),
                failedAt,
                null);
    }

    /** In the order of the states. */
    private static Map<String, Long> states(Function<CredentialState, Long> count) {
        return Stream.of(CredentialState.values())
                .collect(Collectors.toMap(CredentialState::value, count, Long::sum, LinkedHashMap::new));
    }

    private static long sum(List<OverviewView.Counts> parts, ToLongFunction<OverviewView.Counts> count) {
        return parts.stream().mapToLong(count).sum();
    }
}
