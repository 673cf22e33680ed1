package io.nexus.oauth.store.audit;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The SQL that writes an audit event in the statement of its change, so that both commit together. All arguments are
 * constant SQL expressions, never input.
 */
public final class AuditInsert {

    private final Map<String, String> columns = new LinkedHashMap<>();

    private AuditInsert(String tenant, String operation, String actor) {
        columns.put("tenant_id", tenant);
        columns.put("operation", operation);
        columns.put("actor", actor);
    }

    /** An event of {@code operation} by {@code actor}, in the tenant of the source's {@code tenant_id}. */
    public static AuditInsert of(String operation, String actor) {
        return new AuditInsert("tenant_id", operation, actor);
    }

    /** An event of {@code operation} by {@code actor} in {@code tenant}. */
    public static AuditInsert in(String tenant, String operation, String actor) {
        return new AuditInsert(tenant, operation, actor);
    }

    /** With the account of the source's {@code provider} and {@code user_email}. */
    public AuditInsert ofAccount() {
        return with("provider", "provider").with("user_email", "user_email");
    }

    /** With the source's {@code provider}. */
    public AuditInsert ofProvider() {
        return with("provider", "provider");
    }

    /** With the credential of the source's {@code credential_id}, and its account. */
    public AuditInsert ofCredential() {
        return with("credential_id", "credential_id").ofAccount();
    }

    /** With a stable code. */
    public AuditInsert detail(String detail) {
        return with("detail", detail);
    }

    /** With the target of the operation. */
    public AuditInsert subject(String subject) {
        return with("subject", subject);
    }

    /** With the network address of the caller. */
    public AuditInsert source(String source) {
        return with("source", source);
    }

    /** With the version of the token material. */
    public AuditInsert version(String version) {
        return with("token_version", version);
    }

    private AuditInsert with(String column, String expression) {
        columns.put(column, expression);
        return this;
    }

    /** The statement for one event. */
    public String once() {
        return insert() + "VALUES (" + String.join(", ", columns.values()) + ")";
    }

    /** The statement for one event per row of {@code source}, a common table expression or a join of them. */
    public String from(String source) {
        return insert() + "SELECT " + String.join(", ", columns.values()) + " FROM " + source;
    }

    private String insert() {
        return "INSERT INTO audit_events (" + String.join(", ", columns.keySet()) + ") ";
    }
}
