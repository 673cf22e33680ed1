package io.nexus.oauth.rig;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;

/** Rotates the master key as an operator does, with no restart: a new key in the file, then everything is sealed anew. */
final class KeyRotation {

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Rows that changed before {@code %s} ended and that are not under its key. */
    private static final String OTHERS = """
            SELECT count(*) FROM (
              SELECT c.encrypted_refresh_token AS sealed FROM oauth_credentials c WHERE NOT EXISTS (
                SELECT FROM rig_history h, key_rotation r WHERE h.credential_id = c.credential_id AND h.at > r.ended_at)
              UNION ALL SELECT encrypted_client_secret FROM oauth_clients
              UNION ALL SELECT encrypted_key FROM tenant_keys) AS texts
            WHERE sealed IS NOT NULL AND NOT starts_with(sealed, '%s.')""";

    private static final String UNDER = """
            SELECT count(*) FROM (SELECT encrypted_refresh_token AS sealed FROM oauth_credentials
              UNION ALL SELECT encrypted_key FROM tenant_keys) AS texts WHERE starts_with(sealed, '%s.')""";

    private final World world;
    private final ReentrantLock one = new ReentrantLock();
    private final Finding finding = new Finding("S21", "a rotation seals everything under the new master key");
    private final Tally rotations = finding.tally("rotations", 1);
    private final Tally rows = finding.tally("rows under the new key when a rotation had ended", 20);

    KeyRotation(World world) {
        this.world = world;
    }

    /** Does nothing while another rotation is under way. */
    void rotate() throws Exception {
        if (!one.tryLock()) {
            return;
        }
        try (Http http = new Http()) {
            String key = World.key();
            String id = MasterKeyFile.id(key);
            world.keys().addFirst(key);
            world.events().add("rotating", "key", id);
            await("key " + id + " seals nowhere", () -> begins(http, id));
            await("the rotation to key " + id + " does not end", () -> isOver(http, id));
            world.events().add("rotated", "key", id);
            look(id);
        } finally {
            one.unlock();
        }
    }

    private interface Condition {
        boolean holds() throws Exception;
    }

    private void await(String otherwise, Condition condition) throws InterruptedException {
        RunClock patience = new RunClock(Operators.PATIENCE_S);
        while (!holds(condition)) {
            if (!patience.runs()) {
                throw new IllegalStateException(otherwise);
            }
            Thread.sleep(1_000);
        }
    }

    private static boolean holds(Condition condition) {
        try {
            return condition.holds();
        } catch (Exception e) {
            return false; // a replica or the database is away
        }
    }

    private boolean begins(Http http, String id) throws IOException {
        int port = world.anyone().port();
        // a replica that is asked for its report asks first which keys the others hold
        JsonNode keys = get(http, port);
        boolean seals = false;
        for (JsonNode key : keys.path("keys")) {
            seals |= key.path("key_id").asText(key.path("id").asText()).equals(id)
                    && key.path("role").asText().equals("sealing");
        }
        return seals
                && http.post(port, "/api/v1/keys/rotate", world.adminKey(), "").status() == 202;
    }

    private boolean isOver(Http http, String id) throws IOException {
        JsonNode rotation = get(http, world.anyone().port()).path("rotation");
        return rotation.path("key_id").asText().equals(id)
                && rotation.path("state").asText().equals("done");
    }

    private JsonNode get(Http http, int port) throws IOException {
        return JSON.readTree(http.get(port, "/api/v1/keys", world.adminKey()).body());
    }

    /** Counts by the database itself: a report that is wrong must not hide what is left. */
    private void look(String id) throws Exception {
        rotations.add();
        await("the database cannot be asked", () -> {
            rows.add(Long.parseLong(world.postgres().value(UNDER.formatted(id))));
            return true;
        });
        await("the database cannot be asked", () -> {
            long others = Long.parseLong(world.postgres().value(OTHERS.formatted(id)));
            if (others > 0) {
                finding.violation("%d rows are not under key %s after the rotation to it", others, id);
            }
            return true;
        });
    }

    Finding finding() {
        return finding;
    }
}
