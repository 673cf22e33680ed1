package io.nexus.oauth.api;

import java.util.List;
import java.util.Map;

/**
 * A master key, by its id.
 *
 * @param keyId 8 hex digits
 * @param role {@code sealing}, {@code opens}, {@code kept}, {@code elsewhere}, {@code foreign} or {@code missing}
 * @param rows the number of rows encrypted with it, for each table
 * @param replicas the live replicas that hold it
 * @param journals the replicas whose journals hold answers encrypted with it
 * @param audit the parts of the audit trail that need it: {@code chain} for verification, {@code fingerprints} for token lookup
 * @param retirable whether it can be removed from the key files
 */
public record KeyView(
        String keyId,
        String role,
        Map<String, Long> rows,
        List<String> replicas,
        List<String> journals,
        List<String> audit,
        boolean retirable) {}
