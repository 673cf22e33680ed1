package io.nexus.oauth.testing;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Starts processes, signals them by pid and makes sure that none outlives this JVM. */
public final class Signals {

    private static final Set<ProcessHandle> STARTED = ConcurrentHashMap.newKeySet();

    static {
        Runtime.getRuntime().addShutdownHook(new Thread(Signals::endAll));
    }

    private Signals() {}

    /** Starts a process without the settings of Quarkus and Kubernetes of this one. */
    public static Process start(ProcessBuilder builder) throws IOException {
        builder.environment().keySet().removeIf(name -> name.startsWith("QUARKUS_") || name.startsWith("KUBERNETES_"));
        Process process = builder.start();
        STARTED.add(process.toHandle());
        process.onExit().thenRun(() -> STARTED.remove(process.toHandle()));
        return process;
    }

    /** Sends {@code signal} ("STOP", "CONT", "KILL", "INT" ...) to processes by their pids. */
    public static void send(String signal, Collection<ProcessHandle> processes)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("kill", "-" + signal));
        processes.stream().filter(ProcessHandle::isAlive).forEach(each -> command.add(Long.toString(each.pid())));
        if (command.size() > 2) {
            new ProcessBuilder(command).redirectErrorStream(true).start().waitFor(10, TimeUnit.SECONDS);
        }
    }

    /** A process with all that it has started. */
    public static List<ProcessHandle> family(ProcessHandle head) {
        List<ProcessHandle> all = new ArrayList<>(List.of(head));
        head.descendants().forEach(all::add);
        return all;
    }

    /** Waits until {@code condition} holds; throws when it does not within {@code patience}. */
    public static void await(String what, Duration patience, BooleanSupplier condition) throws InterruptedException {
        long deadline = System.nanoTime() + patience.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new IllegalStateException("not within " + patience.toSeconds() + " s: " + what);
            }
            Thread.sleep(20);
        }
    }

    private static void endAll() {
        for (ProcessHandle process : STARTED) {
            family(process).forEach(ProcessHandle::destroyForcibly);
        }
    }
}
