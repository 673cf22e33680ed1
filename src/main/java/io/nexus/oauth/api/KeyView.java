package io.nexus.oauth.api;

import java.util.List;
import java.util.Map;

/**
 * A master key, by its id.
 *
 * @param keyId 8 hex digits
 * @param role {@code sealing}, {@code opens}, {@code kept}, {@code elsewhere}, {@code foreign} or {@code missing}
 * @param rows how many rows of each table refer to it
 * @param replicas the live replicas that hold it
 * @param journals the replicas with answers on disk that are sealed under it
 * @param audit what of the audit trail needs it: {@code chain} to be verified, {@code fingerprints} to find who had a token
 * @param retirable whether it can be taken from the files
 */
public record KeyView(
        String keyId,
        String role,
        Map<String, Long> rows,
        List<String> replicas,
        List<String> journals,
        List<String> audit,
        boolean retirable) {}
