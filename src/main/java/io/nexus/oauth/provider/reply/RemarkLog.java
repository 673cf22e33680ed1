package io.nexus.oauth.provider.reply;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;

/** Logs the remarks on the responses of one provider, each once an hour. Safe for concurrent use. */
public final class RemarkLog {

    private static final Logger LOG = Logger.getLogger(RemarkLog.class);
    private static final Duration INTERVAL = Duration.ofHours(1);

    private final String provider;
    private final InstantSource clock;

    /** By remark, of which there are a handful. */
    private final Map<String, Instant> quietUntil = new ConcurrentHashMap<>();

    public RemarkLog(String provider, InstantSource clock) {
        this.provider = provider;
        this.clock = clock;
    }

    /** Logs the remarks on {@code reply}, if it has any. */
    public void add(TokenReply reply) {
        if (reply instanceof TokenReply.Granted granted) {
            for (String remark : granted.remarks()) {
                Instant now = clock.instant();
                if (!now.isBefore(quietUntil.getOrDefault(remark, now))) {
                    quietUntil.put(remark, now.plus(INTERVAL));
                    LOG.warnf("Provider %s: %s", provider, remark);
                }
            }
        }
    }
}
