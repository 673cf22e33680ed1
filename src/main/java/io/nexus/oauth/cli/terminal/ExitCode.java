package io.nexus.oauth.cli.terminal;

/** The exit codes that scripts branch on. */
public final class ExitCode {

    public static final int OK = 0;
    public static final int FAILED = 1;
    public static final int USAGE = 2;
    public static final int NOT_FOUND = 3;
    public static final int NOT_ALLOWED = 4;
    public static final int RECONNECT = 5;
    public static final int UNAVAILABLE = 6;

    /** The exit codes in the help of every command. */
    public static final String[] TABLE = {
        "0:success",
        "1:failure",
        "2:invalid command line or value",
        "3:not found",
        "4:not logged in, or not allowed",
        "5:the user has to connect the account again",
        "6:the provider or the service is unavailable; try again"
    };

    private ExitCode() {}
}
