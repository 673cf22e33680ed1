package io.nexus.oauth.rig;

import java.time.Instant;

/**
 * The end of a token as an answer of the provider tells it.
 *
 * @param life how many seconds the token really works
 * @param json the member of the answer, with its comma
 */
record Expiry(double life, String json) {

    /** As the dice have it. */
    static Expiry of(Dice thrown, Dice.Fault fault, int leastLife, int mostLife) {
        int life = leastLife + (int) ((mostLife - leastLife) * thrown.next());
        if (fault == Dice.Fault.ABSURD_EXPIRY) {
            return absurd(thrown, life);
        }
        if (fault != Dice.Fault.EXPIRY) {
            return new Expiry(life, ",\"expires_in\":" + life);
        }
        return switch ((int) (thrown.next() * 7)) {
            case 0 -> new Expiry(life, ",\"expires_in\":\"" + life + "\"");
            case 1 -> new Expiry(life, ",\"expires_in\":" + life + ".7");
            case 2 -> new Expiry(30, ""); // the profile says 30
            case 3 -> new Expiry(0, ",\"expires_in\":0");
            case 4 -> new Expiry(0, ",\"expires_in\":-5");
            case 5 -> new Expiry(1e9, ",\"expires_in\":1e308");
            default -> new Expiry(40, ",\"expires_in\":4e1");
        };
    }

    /** A point in time where a lifetime belongs, or a number that is neither. */
    private static Expiry absurd(Dice thrown, int life) {
        long ends = Instant.now().getEpochSecond() + life;
        return switch ((int) (thrown.next() * 4)) {
            case 0 -> new Expiry(life, ",\"expires_in\":" + ends);
            case 1 -> new Expiry(life, ",\"expires_in\":\"" + ends + "\"");
            case 2 -> new Expiry(life, ",\"expires_in\":" + ends + "000");
            default -> new Expiry(40, ",\"expires_in\":1000000000000000000"); // the profile says 30
        };
    }
}
