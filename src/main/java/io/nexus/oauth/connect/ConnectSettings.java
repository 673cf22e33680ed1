package io.nexus.oauth.connect;

import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;

/** The settings of the flow. */
@ApplicationScoped
class ConnectSettings {
    private final ConnectConfig config;
    private final PublicUrl publicUrl;
    private final ReturnUrls returnUrls;
    private final Clock clock;

    ConnectSettings(ConnectConfig config, PublicUrl publicUrl, ReturnUrls returnUrls, Clock clock) {
        this.config = config;
        this.publicUrl = publicUrl;
        this.returnUrls = returnUrls;
        this.clock = clock;
    }

    ConnectConfig config() {
        return config;
    }

    PublicUrl publicUrl() {
        return publicUrl;
    }

    ReturnUrls returnUrls() {
        return returnUrls;
    }

    Clock clock() {
        return clock;
    }
}
