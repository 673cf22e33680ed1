package io.nexus.oauth.rig;

import java.util.SplittableRandom;

/**
 * The fault that the n-th refresh request of a grant meets. Depends on the seed, the grant and n only, so that the same seed gives the same
 * dice whatever the threads do.
 */
final class Dice {

    /** The faults of a request, and how often each comes, in thousandths. */
    enum Fault {
        LOST_AFTER(10),
        LOST_BEFORE(10),
        DELAY(20),
        DRIP(10),
        ERROR_AFTER(10),
        ERROR_BEFORE(10),
        RATE_LIMITED(10),
        HTML(5),
        TRUNCATED(5),
        HUGE(2),
        REDIRECT(2),
        EXPIRY(20),
        NO_REFRESH_TOKEN(20),
        SAME_REFRESH_TOKEN(10),
        SCOPE(10),
        /** The user ended the grant at the provider. */
        WITHDRAWN(4),
        // usable answers, however odd: not one of them may cost a grant
        GZIP(20),
        GZIP_UNLABELLED(20),
        DEFLATE(20),
        BYTE_ORDER_MARK(20),
        STRINGS(20),
        DUPLICATES(20),
        JUNK(20),
        ABSURD_EXPIRY(20),
        NONE(682);

        /** How often it comes, in thousandths. */
        final int weight;

        Fault(int weight) {
            this.weight = weight;
        }

        /** Whether the provider rotates and the client never learns of it. */
        boolean destroys() {
            return this == LOST_AFTER || this == ERROR_AFTER || this == TRUNCATED || this == HUGE || this == DRIP;
        }
    }

    private final SplittableRandom random;
    private final Fault fault;

    private Dice(long seed, String grant, int n) {
        random = new SplittableRandom(mix(seed ^ mix(grant.hashCode() * 0x9E3779B97F4A7C15L + n)));
        fault = pick(random.nextInt(1000));
    }

    static Dice of(long seed, String grant, int n) {
        return new Dice(seed, grant, n);
    }

    Fault fault() {
        return fault;
    }

    /** The next number in [0, 1): details of the fault. */
    double next() {
        return random.nextDouble();
    }

    private static Fault pick(int thousandth) {
        int sum = 0;
        for (Fault fault : Fault.values()) {
            sum += fault.weight;
            if (thousandth < sum) {
                return fault;
            }
        }
        return Fault.NONE;
    }

    private static long mix(long z) {
        long a = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        long b = (a ^ (a >>> 27)) * 0x94D049BB133111EBL;
        return b ^ (b >>> 31);
    }
}
