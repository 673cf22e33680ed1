package io.nexus.oauth.credential;

import java.util.UUID;

/**
 * Identifies one credential inside its tenant. A record and not a joined string: {@code a:b}+{@code c} must not equal
 * {@code a}+{@code b:c}.
 *
 * @param tenant the owner
 * @param id the credential's id
 */
public record CredentialKey(TenantId tenant, UUID id) {}
