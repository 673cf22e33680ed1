package io.nexus.oauth.rig;

import java.io.FileOutputStream;
import java.io.IOException;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * Runs inside a replica, called by Byteman's rules; knows the JDK only, because it is on the boot class path. Attempts that reach the
 * kill point are parked, and written down, until there are enough or the time is over; then the process halts, and so all of them
 * crashed at that point at once.
 *
 * <p>Properties: {@code rig.park.file}, {@code rig.park.count}, {@code rig.park.ms}.
 */
public class Parking {

    private static int parked;
    private static boolean closing;

    /** For Byteman. */
    public Parking() {}

    /** Parks the attempt of {@code lease}: it must not go on. */
    public boolean park(String point, Object lease) {
        return parkById(point, String.valueOf(call(call(lease, "key"), "id")), String.valueOf(call(lease, "attempt")));
    }

    /** Parks the attempt on the credential {@code id}. */
    public static synchronized boolean parkById(String point, String id, String attempt) {
        parked++;
        if (!closing) {
            closing = true;
            Thread timer = new Thread(() -> haltAfter(Long.getLong("rig.park.ms", 3000)));
            timer.setDaemon(true);
            timer.start();
        }
        write(point + " t=" + System.currentTimeMillis() * 1000 + " credential=" + id + " attempt=" + attempt + "\n");
        if (parked >= Integer.getInteger("rig.park.count", 1)) {
            Runtime.getRuntime().halt(137);
        }
        return true;
    }

    private static void haltAfter(long ms) {
        try {
            Thread.sleep(ms);
        } catch (InterruptedException e) {
            return;
        }
        Runtime.getRuntime().halt(137);
    }

    /** What never answers. */
    public Consumer<Object> silent() {
        return ignored -> {};
    }

    /** A rule was reached: the proof that a mutation is in force. */
    public void reached(String rule) {
        synchronized (Parking.class) {
            if (System.getProperty("rig.reached." + rule) == null) {
                System.setProperty("rig.reached." + rule, "true");
                write("reached t=" + System.currentTimeMillis() * 1000 + " rule=" + rule + "\n");
            }
        }
    }

    /** What gives {@code that} whatever it is given. */
    public Function<Object, Object> always(Object that) {
        return ignored -> that;
    }

    /** Asks {@code again} when an answer was lost. */
    public Function<Object, Object> onceMore(Object again, Object uni) {
        return answer -> {
            if (answer.getClass().getSimpleName().equals("Lost")) {
                reached("repeated");
                return again;
            }
            try {
                Class<?> type = Class.forName(
                        "io.smallrye.mutiny.Uni", true, uni.getClass().getClassLoader());
                Object creator = type.getMethod("createFrom").invoke(null);
                return creator.getClass().getMethod("item", Object.class).invoke(creator, answer);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(e);
            }
        };
    }

    private static void write(String line) {
        try (FileOutputStream file = new FileOutputStream(System.getProperty("rig.park.file"), true)) {
            file.write(line.getBytes(StandardCharsets.UTF_8));
            file.getFD().sync();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Object call(Object target, String method) {
        try {
            Method found = target.getClass().getMethod(method);
            found.setAccessible(true);
            return found.invoke(target);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
