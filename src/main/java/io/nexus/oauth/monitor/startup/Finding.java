package io.nexus.oauth.monitor.startup;

/**
 * A setting that is not safe.
 *
 * @param key the configuration key
 * @param fault what is wrong with its value, without the value where that may be secret
 * @param remedy what to do
 * @param weight what follows
 */
record Finding(String key, String fault, String remedy, Weight weight) {

    /** What follows from a finding. */
    enum Weight {
        /** The service does not start. */
        FATAL,
        /** It does not start either, but an operator who knows better may accept it. */
        SEVERE,
        /** It is told. */
        WARNING
    }

    static Finding fatal(String key, String fault, String remedy) {
        return new Finding(key, fault, remedy, Weight.FATAL);
    }

    static Finding severe(String key, String fault, String remedy) {
        return new Finding(key, fault, remedy, Weight.SEVERE);
    }

    static Finding warning(String key, String fault, String remedy) {
        return new Finding(key, fault, remedy, Weight.WARNING);
    }

    Finding accepted() {
        return new Finding(key, fault + " (accepted)", remedy, Weight.WARNING);
    }

    boolean stops() {
        return weight != Weight.WARNING;
    }

    String line() {
        return key + ": " + fault + ". " + remedy;
    }
}
