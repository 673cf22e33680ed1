package io.nexus.oauth.testing;

import io.smallrye.mutiny.infrastructure.Infrastructure;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.logging.LogManager;
import java.util.stream.Stream;
import org.jetbrains.lincheck.LincheckAssertionError;
import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;
import org.jetbrains.lincheck.datastructures.Operation;

/**
 * A program that runs scenarios under Lincheck, which decides when each thread goes on and tries many such orders. A scenario is a class
 * with one {@code @Operation} without parameters: it starts its threads with {@link #all} and fails when their result is wrong. Each order
 * has a new instance. No thread of a scenario may block, because Lincheck does not see inside the JDK.
 */
public final class Interleavings {

    /** Lincheck takes an order that lasts longer for a hang. On a busy machine the first order of a scenario waits long for its classes. */
    private static final long HANG_MS = 600_000;

    /** Lincheck takes more for a loop without an end. Pipelines of Mutiny call themselves often. */
    private static final int DEEP = 1_000;

    private Interleavings() {}

    /**
     * Runs the scenarios in the classes that {@code arguments} name, each followed by its number of orders. Prints a line for each scenario
     * and ends with 1 when one is wrong.
     */
    public static void main(String[] arguments) throws ClassNotFoundException {
        Infrastructure.clearInterceptors(); // context propagation looks for its providers under locks
        LogManager.getLogManager().reset(); // each order would log its failures
        int wrong = 0;
        for (int i = 0; i < arguments.length; i += 2) {
            int orders = Integer.parseInt(arguments[i + 1]);
            for (Class<?> scenario : scenarios(Class.forName(arguments[i]))) {
                try {
                    check(scenario, orders);
                    System.out.println("right: " + scenario.getName());
                } catch (LincheckAssertionError
                        | IllegalStateException e) { // the latter when two runs of one order differ
                    wrong++;
                    System.out.println("wrong: " + scenario.getName() + "\n" + e.getMessage());
                }
            }
        }
        System.exit(wrong == 0 ? 0 : 1); // threads of libraries may live on
    }

    private static List<Class<?>> scenarios(Class<?> all) {
        List<Class<?>> found = Stream.<Class<?>>of(all.getDeclaredClasses())
                .filter(each -> Stream.of(each.getDeclaredMethods())
                        .anyMatch(method -> method.isAnnotationPresent(Operation.class)))
                .sorted(Comparator.comparing(Class::getName))
                .toList();
        if (found.isEmpty()) {
            throw new IllegalArgumentException(all + " has no scenario");
        }
        return found;
    }

    private static void check(Class<?> scenario, int orders) {
        ModelCheckingOptions options = new ModelCheckingOptions()
                .iterations(1)
                .invocationsPerIteration(orders)
                .threads(1)
                .actorsPerThread(1)
                .actorsBefore(0)
                .actorsAfter(0)
                .loopBound(DEEP)
                .recursionBound(DEEP)
                .minimizeFailedScenario(false)
                .sequentialSpecification(Right.class);
        options.invocationTimeout$lincheck(HANG_MS).check(scenario);
    }

    /** The result that each order must have: a scenario that fails is wrong, even if it fails in every order. */
    public static final class Right {
        public void run() {}
    }

    /** Runs the actions at once, each on a thread of its own; fails with the first failure of one. */
    public static void all(Runnable... actions) {
        AtomicReference<Throwable> failure = new AtomicReference<>();
        List<Thread> threads = new ArrayList<>();
        for (Runnable action : actions) {
            threads.add(new Thread(() -> {
                try {
                    action.run();
                } catch (RuntimeException | AssertionError e) {
                    failure.compareAndSet(null, e);
                }
            }));
        }
        threads.forEach(Thread::start);
        for (Thread thread : threads) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        if (failure.get() != null) {
            throw new AssertionError(failure.get());
        }
    }

    /** Fails unless {@code right}. */
    public static void check(boolean right, String what) {
        if (!right) {
            throw new AssertionError(what);
        }
    }
}
