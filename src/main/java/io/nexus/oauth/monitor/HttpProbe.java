package io.nexus.oauth.monitor;

import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.URI;

/**
 * A program for {@code helm test} and the container's health check, because the image has no shell. Requests the URL of each
 * {@code status=url} argument and exits with 0 when all return their status. Blocks for about two minutes per URL at most.
 */
public final class HttpProbe {

    private static final int ATTEMPTS = 24;
    private static final int TIMEOUT_MS = 3_000;
    private static final int PAUSE_MS = 2_000;

    private HttpProbe() {}

    /** Runs the probe. Exits with 1 when a URL does not return its status. */
    public static void main(String[] arguments) throws InterruptedException {
        int attempts = Integer.getInteger("attempts", ATTEMPTS);
        for (String argument : arguments) {
            String[] pair = argument.split("=", 2);
            if (!answers(URI.create(pair[1]), Integer.parseInt(pair[0]), attempts)) {
                System.exit(1);
            }
        }
    }

    private static boolean answers(URI url, int expected, int attempts) throws InterruptedException {
        String found = "";
        for (int i = 0; i < attempts; i++) {
            if (i > 0) {
                Thread.sleep(PAUSE_MS);
            }
            found = ask(url);
            if (found.equals(Integer.toString(expected))) {
                System.out.println(url + " returned " + found);
                return true;
            }
        }
        System.out.println(url + " returned " + found + ", expected " + expected);
        return false;
    }

    private static String ask(URI url) {
        try {
            HttpURLConnection connection = (HttpURLConnection) url.toURL().openConnection();
            connection.setConnectTimeout(TIMEOUT_MS);
            connection.setReadTimeout(TIMEOUT_MS);
            connection.setInstanceFollowRedirects(false);
            try {
                return Integer.toString(connection.getResponseCode());
            } finally {
                connection.disconnect();
            }
        } catch (IOException e) {
            return "no response (" + e + ")";
        }
    }
}
