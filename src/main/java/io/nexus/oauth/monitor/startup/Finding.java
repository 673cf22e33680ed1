package io.nexus.oauth.monitor.startup;

/**
 * An unsafe or wrong setting.
 *
 * @param key the configuration key
 * @param fault the fault of its value; never contains a value that may be secret
 * @param remedy how to correct it
 * @param weight the consequence
 */
record Finding(String key, String fault, String remedy, Weight weight) {

    /** The consequence of a finding. */
    enum Weight {
        /** The service does not start. */
        FATAL,
        /** The service does not start unless the operator accepts the finding in {@code nexus.oauth.startup.accept}. */
        SEVERE,
        /** The service starts and logs a warning. */
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

    /** Whether the finding prevents the start. */
    boolean stops() {
        return weight != Weight.WARNING;
    }

    String line() {
        return key + ": " + fault + ". " + remedy;
    }
}
