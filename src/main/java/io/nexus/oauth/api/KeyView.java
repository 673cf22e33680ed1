package io.nexus.oauth.api;

import java.util.List;
import java.util.Map;

/**
 * A master key, by its id.
 *
 * @param keyId the id: 8 hexadecimal digits that are derived from the key
 * @param role {@code sealing}: new secrets are sealed under it; {@code opens}: it is in the files and opens what it sealed;
 *     {@code kept}: it is in no file any more, only in memory; {@code elsewhere}: only other replicas have it; {@code foreign}:
 *     only other replicas have it, and they seal under it, so this replica is left out; {@code missing}: rows or the audit
 *     trail refer to it, and no replica has it
 * @param rows how many rows of each table refer to it
 * @param replicas the live replicas that have it
 * @param journals the replicas with journal entries that are sealed under it
 * @param audit the use of the key in the audit trail: {@code chain} for a verification, {@code fingerprints} to look up who received
 *     a token
 * @param retirable whether you can remove it from the files: nothing is sealed under it any more
 */
public record KeyView(
        String keyId,
        String role,
        Map<String, Long> rows,
        List<String> replicas,
        List<String> journals,
        List<String> audit,
        boolean retirable) {}
