package io.nexus.oauth.monitor.startup;

import io.nexus.oauth.provider.OAuthProvider;
import io.nexus.oauth.provider.ProviderCatalogue;
import io.nexus.oauth.provider.catalogue.RefreshTimers;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/**
 * Checks that the timers of every provider, the schedule and the platform fit together. A mismatch loses grants rarely and
 * silently, so it stops the start. {@link RefreshTimers} itself checks that a lease outlasts its request.
 */
@ApplicationScoped
class TimerChecks {

    private static final Duration USEFUL_GRACE = Duration.ofSeconds(20);
    private static final Duration DRAIN_MARGIN = Duration.ofSeconds(15);
    private static final Duration HOUR = Duration.ofHours(1);

    private final List<Subject> subjects;
    private final Duration every;
    private final Duration terminationGrace;
    private final Duration livenessWindow;

    /** The checked properties of a provider. */
    record Subject(String id, boolean rotating, Duration grace, RefreshTimers timers) {
        private boolean hasGrace() {
            return grace.compareTo(USEFUL_GRACE) >= 0;
        }
    }

    @Inject
    TimerChecks(
            ProviderCatalogue catalogue,
            @ConfigProperty(name = "nexus.oauth.refresh.every") Duration every,
            @ConfigProperty(name = "nexus.oauth.refresh.termination-grace") Duration terminationGrace,
            @ConfigProperty(name = "nexus.oauth.refresh.liveness-window") Duration livenessWindow) {
        this(catalogue.all().stream().map(TimerChecks::subject).toList(), every, terminationGrace, livenessWindow);
    }

    TimerChecks(List<Subject> subjects, Duration every, Duration terminationGrace, Duration livenessWindow) {
        this.subjects = subjects;
        this.every = every;
        this.terminationGrace = terminationGrace;
        this.livenessWindow = livenessWindow;
    }

    private static Subject subject(OAuthProvider provider) {
        var refresh = provider.profile().refresh();
        return new Subject(provider.id(), refresh.isRotating(), refresh.grace(), provider.timers());
    }

    List<Finding> findings() {
        List<Finding> findings = new ArrayList<>();
        subjects.forEach(subject -> check(subject, findings));
        subjects.stream()
                .map(each -> each.timers().httpTotal().plus(DRAIN_MARGIN))
                .max(Duration::compareTo)
                .filter(least -> terminationGrace.compareTo(least) <= 0)
                .ifPresent(least -> findings.add(Finding.fatal(
                        "nexus.oauth.refresh.termination-grace",
                        "must be longer than " + seconds(least) + ", or a shutdown loses responses that are in flight",
                        "Raise the platform's termination grace period and set this to the same value")));
        subjects.stream()
                .filter(each -> !each.timers().quarantine().isZero() && !each.hasGrace())
                .map(each -> each.timers().quarantine())
                .min(Duration::compareTo)
                .filter(most -> livenessWindow.compareTo(most) >= 0)
                .ifPresent(most -> findings.add(Finding.fatal(
                        "nexus.oauth.refresh.liveness-window",
                        "must be shorter than " + seconds(most)
                                + ", or a hanging process outlives the quarantine of its request",
                        "Shorten the period of the platform's liveness probe and set this to match")));
        return findings;
    }

    private void check(Subject provider, List<Finding> findings) {
        RefreshTimers timers = provider.timers();
        String key = "providers." + provider.id() + ".refresh";
        if (!provider.rotating()) {
            return;
        }
        if (provider.hasGrace()) {
            Duration second = timers.lease()
                    .plus(timers.quarantine())
                    .plus(timers.httpTotal())
                    .plus(every);
            if (second.compareTo(provider.grace()) >= 0) {
                findings.add(Finding.fatal(
                        key,
                        "grace_s of " + seconds(provider.grace()) + " ends before a second attempt could end ("
                                + seconds(second) + ")",
                        "Set grace_s below 20 or nexus.oauth.refresh.every shorter"));
            }
            return;
        }
        Duration needed =
                timers.lease().plus(timers.quarantine()).plus(timers.httpTotal().multipliedBy(2));
        if (!timers.revokesAccessToken() && timers.refreshAhead(HOUR).compareTo(needed) <= 0) {
            findings.add(Finding.fatal(
                    key,
                    "a token of an hour is refreshed " + seconds(timers.refreshAhead(HOUR))
                            + " ahead, but two attempts take " + seconds(needed),
                    "Correct rotation and grace_s"));
        }
    }

    private static String seconds(Duration duration) {
        return duration.toSeconds() + " s";
    }
}
