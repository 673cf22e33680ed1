package io.nexus.oauth.rig;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;

/**
 * What the rig changes in a replica by Byteman, so that the service holds no switch for tests: kill points, and mutations that each
 * switch one guard off. This is the only place that knows names of the service's classes.
 */
enum Rule {
    /** The lease is committed, nothing is sent. */
    AFTER_LEASE("io.nexus.oauth.token.refresh.RefreshAttempt", "carryOut", "AT ENTRY", park("$1")),
    /** The answer is read and nothing is kept of it. */
    AFTER_ANSWER("io.nexus.oauth.token.grant.GrantPersister", "persist", "AT ENTRY", park("$1")),
    /** The answer is in the journal, and not in the database. */
    AFTER_JOURNAL("io.nexus.oauth.token.grant.GrantPersister", "store", "AT ENTRY", park("$1")),
    /** The answer is in the database, and nobody was told. */
    AFTER_COMMIT("io.nexus.oauth.token.grant.GrantPersister", "renewed", "AT ENTRY", park("$1")),

    /** An answer of the provider with the long grace is stored long after it came: others have taken over by then. */
    LATE_STORE(
            "io.nexus.oauth.token.grant.GrantPersister",
            "store",
            "AT EXIT",
            "IF $1.credential().account().provider().equals(\"graceful\")\n"
                    + "DO reached(\"LATE_STORE\"); $! = io.smallrye.mutiny.Uni.createFrom().item(\"\").onItem().delayIt()"
                    + ".by(java.time.Duration.ofSeconds(16)).onItem().transformToUni(always($!))"),

    /** Mutation: an attempt of unknown fate keeps nobody away. */
    NO_QUARANTINE(
            "io.nexus.oauth.provider.catalogue.RefreshTimers",
            "<init>",
            "AT ENTRY",
            "IF TRUE\nDO reached(\"NO_QUARANTINE\"); $3 = java.time.Duration.ZERO"),
    /** Mutation: an answer is stored whatever epoch is stored already. */
    NO_FENCE(
            "io.nexus.oauth.store.execution.StatementExecutor",
            "executeForRow",
            "AT ENTRY",
            "IF $1.contains(\"token_epoch < $2::bigint\")\nDO reached(\"NO_FENCE\"); "
                    + "$1 = $1.replace(\"AND c.token_epoch < $2::bigint\", \"\")"),
    /** Mutation: answers are not kept on disk. */
    NO_JOURNAL(
            "io.nexus.oauth.store.journal.SpillJournal",
            "append",
            "AT ENTRY",
            "IF TRUE\nDO reached(\"NO_JOURNAL\"); RETURN io.smallrye.mutiny.Uni.createFrom().voidItem()"),
    /** Mutation: a revocation is called done although no provider was asked. */
    NO_REVOCATION(
            "io.nexus.oauth.token.Revoker",
            "ask",
            "AT ENTRY",
            "IF TRUE\nDO reached(\"NO_REVOCATION\"); RETURN io.smallrye.mutiny.Uni.createFrom().item("
                    + "io.nexus.oauth.provider.reply.RevocationReply.REVOKED)"),
    /** Mutation: what came across a revocation is revoked only while no new grant is stored. */
    NO_REVOKED_EPOCH(
            "io.nexus.oauth.store.execution.StatementExecutor",
            "executeForRow",
            "AT ENTRY",
            "IF $1.contains(\"AND revoked_epoch <= $11::bigint\")\nDO reached(\"NO_REVOKED_EPOCH\"); "
                    + "$1 = $1.replace(\"AND revoked_epoch <= $11::bigint\", \"AND $11::bigint > 0\")"),
    /** Mutation: a new grant is stored at once or not at all. */
    NO_STORE_RETRY(
            "io.nexus.oauth.connect.NewGrants",
            "retry",
            "AT ENTRY",
            "IF TRUE\nDO reached(\"NO_STORE_RETRY\"); RETURN $1"),
    /** Mutation: connections to providers are used again. */
    KEEP_ALIVE(
            "io.vertx.core.http.HttpClientOptions",
            "setKeepAlive",
            "AT ENTRY",
            "IF TRUE\nDO reached(\"KEEP_ALIVE\"); $1 = true"),
    /** Mutation: after a failover nobody waits for the replay of the others. */
    NO_AGREEMENT(
            "io.nexus.oauth.store.connection.ReplayAgreement",
            "isSettled",
            "AT ENTRY",
            "IF TRUE\nDO reached(\"NO_AGREEMENT\"); RETURN true"),
    /** Mutation: a request whose answer was lost is sent again at once. */
    REPEAT(
            "io.nexus.oauth.provider.egress.HttpExchange",
            "send",
            "AT EXIT",
            "IF TRUE\nDO reached(\"REPEAT\"); $! = $!.onItem().transformToUni(onceMore($!, $!))");

    private final String className;
    private final String method;
    private final String place;
    private final String action;

    Rule(String className, String method, String place, String action) {
        this.className = className;
        this.method = method;
        this.place = place;
        this.action = action;
    }

    private static String park(String lease) {
        return "IF park(\"@\", " + lease + ")\nDO RETURN io.smallrye.mutiny.Uni.createFrom().emitter(silent())";
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    boolean isMutation() {
        return !name().startsWith("AFTER_");
    }

    private String script() {
        return "RULE " + label() + "\nCLASS " + className + "\nMETHOD " + method + "\nHELPER " + Parking.class.getName()
                + "\n" + place + "\n" + action.replace("@", label()) + "\nENDRULE\n";
    }

    /** The options of a JVM in which {@code rules} hold; files go to {@code directory}. */
    static List<String> options(List<Rule> rules, Path directory) throws IOException {
        StringBuilder text = new StringBuilder();
        rules.forEach(rule -> text.append(rule.script()).append('\n'));
        Path script = Files.writeString(directory.resolve("rules.btm"), text);
        Path helper = helper(directory.resolve("helper.jar"));
        Path agent = agent();
        return List.of(
                // interpreted, not compiled to bytecode: that could not call static methods of interfaces
                "-javaagent:" + agent + "=script:" + script + ",boot:" + agent + ",boot:" + helper);
    }

    private static Path agent() {
        try {
            return Path.of(Class.forName("org.jboss.byteman.agent.Main")
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
        } catch (ClassNotFoundException | java.net.URISyntaxException e) {
            throw new IllegalStateException("Byteman is not on the class path", e);
        }
    }

    /** The helper alone, for the boot class path. */
    private static Path helper(Path jar) throws IOException {
        String name = Parking.class.getName().replace('.', '/') + ".class";
        try (OutputStream out = Files.newOutputStream(jar);
                JarOutputStream entries = new JarOutputStream(out)) {
            entries.putNextEntry(new JarEntry(name));
            entries.write(Files.readAllBytes(ProviderProcess.classes().resolve(name)));
            entries.closeEntry();
        }
        return jar;
    }
}
