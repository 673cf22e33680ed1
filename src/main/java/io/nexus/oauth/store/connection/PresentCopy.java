package io.nexus.oauth.store.connection;

import java.util.List;
import java.util.UUID;

/**
 * The copy of the database that serves now, as the database records it.
 *
 * @param server its system identifier and timeline
 * @param startedAt when the server with which it came started, in microseconds since 1970
 * @param ageNanos since its first sighting, by the database's clock; negative after that clock was set back
 * @param awaited the replicas that have not replayed their journals into it
 */
record PresentCopy(UUID id, String server, long startedAt, long ageNanos, List<String> awaited) {}
