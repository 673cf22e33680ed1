package io.nexus.oauth.token.grant;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.JournalEntry;
import io.nexus.oauth.credential.RefreshFence;
import io.nexus.oauth.credential.RefreshLease;
import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.credential.SealedGrant;
import io.nexus.oauth.credential.SealedSecret;
import io.nexus.oauth.credential.SecretPlace;
import io.nexus.oauth.crypto.SecretSealer;
import io.nexus.oauth.store.journal.SpillJournal;
import io.smallrye.mutiny.Uni;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes token responses of rotating providers to this machine's disk. Each record is sealed as a whole for its attempt: the
 * tenant, the credential and the epoch are part of the sealing context, so that an old record cannot pass as a newer one.
 */
@ApplicationScoped
public class GrantJournal {

    private static final Logger LOG = Logger.getLogger(GrantJournal.class);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final SpillJournal journal;
    private final SecretSealer sealer;
    private final OpenRequests requests = new OpenRequests(System::nanoTime);

    public GrantJournal(SpillJournal journal, SecretSealer sealer) {
        this.journal = journal;
        this.sealer = sealer;
    }

    /**
     * A token response in the journal.
     *
     * @param clientId the OAuth client of the grant; null when it is unknown, as in older records
     * @param settled whether it was stored in the database once; a database that failed over may have lost it
     */
    public record Entry(
            RefreshFence fence, SealedGrant grant, @Nullable String clientId, String trigger, boolean settled) {}

    /** Records that a request of {@code attempt} is about to be sent, so that a response may come. */
    public void expect(UUID attempt) {
        requests.sent(attempt);
    }

    /** Records that the outcome of {@code attempt} is unknown: its response may come until {@code quarantine} is over. */
    public void expect(UUID attempt, Duration quarantine) {
        requests.unknown(attempt, quarantine);
    }

    /** Records that {@code attempt} is over. One of unknown outcome stays expected. */
    public void expectNoMore(UUID attempt) {
        requests.ended(attempt);
    }

    /** The number of requests whose response may still come. */
    int expectedResponses() {
        return requests.count();
    }

    /** Whether the journal can be written now. If not, the service must not ask a rotating provider. */
    public boolean isWritable() {
        return journal.isWritable();
    }

    /**
     * Writes {@code grant} to the journal, off the event loop. True when it survives this process. A grant without a new
     * refresh token is not written, because the service can ask for it again. Never fails: false when it cannot be written.
     */
    public Uni<Boolean> append(RefreshLease lease, SealedGrant grant, RefreshTrigger trigger) {
        if (grant.refreshToken() == null) {
            return Uni.createFrom().item(true);
        }
        RefreshFence fence = lease.fence();
        return Uni.createFrom()
                .deferred(() -> {
                    SealedSecret payload =
                            sealer.sealText(text(lease, grant, trigger), place(fence.key(), fence.epoch()));
                    return journal.append(new JournalEntry(fence.attempt(), fence.key(), fence.epoch(), payload));
                })
                .replaceWith(true)
                .onFailure() // any failure: the response must still reach the database
                .invoke(e -> LOG.errorf(
                        "Credential %s: the new token cannot be written to the journal: %s",
                        fence.key().id(), e.getMessage()))
                .onFailure()
                .recoverWithItem(false);
    }

    /** Marks the response of {@code attempt} as settled: it is stored, or superseded. */
    void settle(UUID attempt) {
        journal.settle(attempt);
    }

    /** Whether the records of earlier processes have been read. */
    boolean isComplete() {
        return journal.isComplete();
    }

    /** As {@link SpillJournal#takeovers}. */
    int takeovers() {
        return journal.takeovers();
    }

    /** As {@link SpillJournal#isAlone}. */
    boolean isAlone() {
        return journal.isAlone();
    }

    /** Marks the records of earlier processes as stored in the database. */
    void replayed() {
        journal.replayed();
    }

    /** The responses that are not known to be stored in the database, newest first. */
    public List<Entry> unsettled() {
        return journal.unsettled().stream()
                .map(entry -> open(entry, false))
                .flatMap(Optional::stream)
                .toList();
    }

    /** All responses of the last minutes, newest first, for a database that may have lost commits. */
    List<Entry> remembered() {
        Set<UUID> unsettled =
                journal.unsettled().stream().map(JournalEntry::attempt).collect(Collectors.toSet());
        return journal.remembered().stream()
                .map(entry -> open(entry, !unsettled.contains(entry.attempt())))
                .flatMap(Optional::stream)
                .toList();
    }

    /** Whether the journal holds a newer response than {@code lease} found stored: the database lacks it, or lost it. */
    public boolean holdsNewerThan(RefreshLease lease) {
        return journal.newest(lease.key())
                .filter(entry -> entry.epoch() > lease.tokenEpoch())
                .isPresent();
    }

    /** The newest response for {@code key} in this machine's journal; empty too when it cannot be decrypted. */
    public Optional<Entry> newest(CredentialKey key) {
        return journal.newest(key).flatMap(entry -> open(entry, isSettled(entry)));
    }

    private boolean isSettled(JournalEntry entry) {
        return journal.unsettled().stream().noneMatch(each -> each.attempt().equals(entry.attempt()));
    }

    /** Empty when the master key is missing: the record stays until an operator restores the key. */
    private Optional<Entry> open(JournalEntry entry, boolean settled) {
        try {
            JsonNode json = JSON.readTree(sealer.unsealText(entry.payload(), place(entry.key(), entry.epoch())));
            RefreshFence fence = new RefreshFence(entry.key(), entry.attempt(), entry.epoch());
            return Optional.of(new Entry(
                    fence,
                    grant(json),
                    json.path("client").textValue(),
                    json.get("trigger").asText(),
                    settled));
        } catch (JsonProcessingException | RuntimeException e) { // one record never stops the others
            LOG.errorf(
                    "Credential %s: its journal record cannot be decrypted (%s) and stays in the journal",
                    entry.key().id(), e.getClass().getSimpleName());
            return Optional.empty();
        }
    }

    private static SecretPlace place(CredentialKey key, long epoch) {
        return new SecretPlace(key.tenant(), key.id().toString(), "journal " + epoch);
    }

    private static String text(RefreshLease lease, SealedGrant grant, RefreshTrigger trigger) {
        ObjectNode json = JSON.createObjectNode();
        json.put("access", grant.accessToken().text());
        json.put(
                "refresh",
                grant.refreshToken() == null ? null : grant.refreshToken().text());
        json.put("type", grant.tokenType());
        json.put("scopes", grant.scopes() == null ? null : grant.scopes().join(" "));
        json.put("expires", text(grant.expiresAt()));
        json.put("assumed", grant.expiryAssumed());
        json.put("issued", grant.issuedAt().toString());
        json.put("next", text(grant.nextRefreshAt()));
        Duration quarantine = grant.quarantine();
        if (quarantine != null) {
            json.put("quarantine_ms", quarantine.toMillis());
        }
        json.put("refresh_expires", text(grant.refreshExpiresAt()));
        json.put("defect", grant.defect());
        json.put("trigger", trigger.label());
        json.put("client", lease.credential().clientId());
        ObjectNode metadata = json.putObject("metadata");
        grant.metadata().forEach(metadata::put);
        ObjectNode vars = json.putObject("client_vars");
        grant.clientVars().forEach(vars::put);
        return json.toString();
    }

    private static SealedGrant grant(JsonNode json) {
        return new SealedGrant(
                new SealedSecret(json.get("access").asText()),
                json.hasNonNull("refresh")
                        ? new SealedSecret(json.get("refresh").asText())
                        : null,
                json.get("type").asText(),
                json.hasNonNull("scopes") ? Scopes.parse(json.get("scopes").asText()) : null,
                instant(json, "expires"),
                json.get("assumed").asBoolean(),
                Instant.parse(json.get("issued").asText()),
                instant(json, "next"),
                map(json, "metadata"),
                map(json, "client_vars"),
                json.hasNonNull("quarantine_ms")
                        ? Duration.ofMillis(json.get("quarantine_ms").asLong())
                        : null,
                instant(json, "refresh_expires"),
                json.path("defect").textValue());
    }

    /** Empty when the field is missing: older records have no variables. */
    private static Map<String, String> map(JsonNode json, String name) {
        Map<String, String> map = new HashMap<>();
        json.path(name)
                .properties()
                .forEach(each -> map.put(each.getKey(), each.getValue().asText()));
        return map;
    }

    private static @Nullable String text(@Nullable Instant time) {
        return time == null ? null : time.toString();
    }

    private static @Nullable Instant instant(JsonNode json, String name) {
        return json.hasNonNull(name) ? Instant.parse(json.get(name).asText()) : null;
    }
}
