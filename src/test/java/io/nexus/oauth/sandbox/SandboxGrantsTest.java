package io.nexus.oauth.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.nexus.oauth.testing.MutableClock;
import jakarta.ws.rs.core.MultivaluedHashMap;
import jakarta.ws.rs.core.MultivaluedMap;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SandboxGrantsTest {

    private static final Duration LIFETIME = Duration.ofMinutes(2);

    @TempDir
    Path directory;

    private final MutableClock clock = new MutableClock();

    @Test
    void survivesARestart() {
        SandboxGrants.Tokens first = grants().open("alice@example.com", "email", GrantBehavior.WORKS);

        SandboxGrants.Tokens second = grants().rotate(first.refresh(), null);

        assertThat(grants().byAccessToken(second.access()))
                .contains(new SandboxGrants.Bearer("alice@example.com", "email"));
        assertThat(grants().list())
                .singleElement()
                .extracting(SandboxGrant::rotations)
                .isEqualTo(1);
    }

    @Test
    void knowsASpentTokenAfterARestartAndEndsTheGrant() {
        SandboxGrants.Tokens first = grants().open("alice@example.com", "email", GrantBehavior.WORKS);
        SandboxGrants.Tokens second = grants().rotate(first.refresh(), null);

        assertThatThrownBy(() -> grants().rotate(first.refresh(), null)).hasMessageStartingWith("invalid_grant");

        assertThatThrownBy(() -> grants().rotate(second.refresh(), null)).hasMessageStartingWith("invalid_grant");
        assertThat(grants().byAccessToken(second.access())).isEmpty();
    }

    @Test
    void aClientHasOneGrantForItselfHoweverOftenItAsks() {
        SandboxGrants.Tokens first = grants().machine("nexus-local", "files.read");
        SandboxGrants.Tokens second = grants().machine("nexus-local", "files.read");

        assertThat(first.refresh()).isEmpty();
        assertThat(grants().byAccessToken(first.access()))
                .contains(new SandboxGrants.Bearer("nexus-local", "files.read"));
        grants().revoke(first.access());
        assertThat(grants().byAccessToken(first.access())).isEmpty();
        assertThat(grants().byAccessToken(second.access())).isPresent();
        assertThat(grants().list()).hasSize(1);
        IntStream.range(0, 60).forEach(i -> grants().machine("nexus-local", "files.read"));
        assertThat(grants().list().getFirst().access()).hasSize(50);
    }

    @Test
    void keepsNoTokenInTheFileAndKeepsItFromOthers() throws Exception {
        SandboxGrants.Tokens tokens = grants().open("alice@example.com", "email", GrantBehavior.WORKS);

        assertThat(Files.readString(file()))
                .contains("alice@example.com")
                .doesNotContain(tokens.access(), tokens.refresh(), TokenFactory.family(tokens.refresh()));
        assertThat(Files.getPosixFilePermissions(file())).hasSize(2);
    }

    @Test
    void changesNothingWhenItCannotBeKept() throws Exception {
        Path gone = Files.createDirectory(directory.resolve("gone"));
        SandboxGrants grants = new SandboxGrants(new GrantFile(gone.resolve("sandbox.json")), clock, LIFETIME);
        SandboxGrants.Tokens tokens = grants.open("alice@example.com", "email", GrantBehavior.WORKS);
        Files.delete(gone.resolve("sandbox.json"));
        Files.delete(gone);

        assertThatThrownBy(() -> grants.rotate(tokens.refresh(), null)).isInstanceOf(UncheckedIOException.class);

        Files.createDirectory(gone);
        assertThat(grants.rotate(tokens.refresh(), null).refresh()).isNotEqualTo(tokens.refresh());
    }

    @Test
    void refusesAnAccessTokenThatIsOver() {
        SandboxGrants grants = grants();
        SandboxGrants.Tokens tokens = grants.open("alice@example.com", "email", GrantBehavior.WORKS);

        clock.advance(LIFETIME.minusMillis(1));
        assertThat(grants.byAccessToken(tokens.access())).isPresent();
        clock.advance(Duration.ofMillis(1));
        assertThat(grants.byAccessToken(tokens.access())).isEmpty();
    }

    @Test
    void narrowsButNeverWidensTheScope() {
        SandboxGrants grants = grants();
        SandboxGrants.Tokens tokens = grants.open("alice@example.com", "email profile", GrantBehavior.WORKS);

        assertThatThrownBy(() -> grants.rotate(tokens.refresh(), "email files.read"))
                .hasMessageStartingWith("invalid_scope");
        SandboxGrants.Tokens narrow = grants.rotate(tokens.refresh(), "email");
        assertThat(narrow.scope()).isEqualTo("email");
        assertThat(grants.rotate(narrow.refresh(), null).scope()).isEqualTo("email profile");
    }

    @Test
    void dropsTheLongestEndedWhenFull() {
        List<SandboxGrant> many = new ArrayList<>(IntStream.range(0, SandboxGrants.MAX)
                .mapToObj(i -> new SandboxGrant(
                        "g" + i, "a", "email", Instant.EPOCH, "h", 0, List.of(), GrantBehavior.WORKS, null, null))
                .toList());
        many.set(7, many.get(7).ended(Instant.EPOCH.plusSeconds(1), "later"));
        many.set(8, many.get(8).ended(Instant.EPOCH, "earlier"));
        new GrantFile(file()).write(many);

        grants().open("bob@example.com", "email", GrantBehavior.WORKS);

        assertThat(grants().list())
                .hasSize(SandboxGrants.MAX)
                .extracting(SandboxGrant::id)
                .doesNotContain("g8")
                .contains("g7", "g0");
    }

    @Test
    void rejectsForAsLongAsTheFaultLasts() {
        SandboxGrants.Tokens tokens = grants().open("alice@example.com", "email", fault("rejected"));
        assertThatThrownBy(() -> grants().rotate(tokens.refresh(), null)).hasMessageStartingWith("invalid_grant");
        assertThat(grants().byAccessToken(tokens.access())).isPresent();

        clock.advance(Duration.ofSeconds(30));
        SandboxGrants.Tokens next = grants().rotate(tokens.refresh(), null);
        assertThat(next.refresh()).isNotEqualTo(tokens.refresh());
        assertThatThrownBy(() -> grants().rotate(tokens.refresh(), null))
                .as("reuse ends the grant as ever")
                .hasMessageStartingWith("invalid_grant");
    }

    @Test
    void failsInTheWayThatWasChosen() {
        SandboxGrants.Tokens down = grants().open("alice@example.com", "email", fault("unavailable"));
        assertThatThrownBy(() -> grants().rotate(down.refresh(), null))
                .isInstanceOfSatisfying(
                        OAuthError.class,
                        error -> assertThat(error.response().getStatus()).isEqualTo(503));
        SandboxGrants.Tokens signIn = grants().open("alice@example.com", "email", fault("login_required"));
        assertThatThrownBy(() -> grants().rotate(signIn.refresh(), null)).hasMessageStartingWith("login_required");
        assertThat(fault("slow").delay(clock.instant())).isPositive();
        assertThat(fault("none").delay(clock.instant())).isZero();
        assertThat(fault("no_refresh_token").hasRefreshToken()).isFalse();
    }

    @Test
    void issuesTokensForTheLifetimeThatWasChosen() {
        GrantBehavior brief = GrantBehavior.of(form("lifetime_seconds", "20"), clock.instant());
        SandboxGrants.Tokens tokens = grants().open("alice@example.com", "email", brief);

        assertThat(tokens.lifetime()).isEqualTo(Duration.ofSeconds(20));
        clock.advance(Duration.ofSeconds(20));
        assertThat(grants().byAccessToken(tokens.access())).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "fault, odd",
        "fault_seconds, 9",
        "fault_seconds, 86401",
        "lifetime_seconds, -20",
        "lifetime_seconds, 99999999999"
    })
    void refusesABehaviourThatItDoesNotHave(String name, String value) {
        assertThatThrownBy(() -> GrantBehavior.of(form(name, value), clock.instant()))
                .hasMessageStartingWith("invalid_request: " + name);
    }

    @Test
    void readsTheFileOfAnEarlierRelease() throws Exception {
        SandboxGrants.Tokens tokens = grants().open("alice@example.com", "email", GrantBehavior.WORKS);
        ObjectMapper json = new ObjectMapper();
        JsonNode kept = json.readTree(file().toFile());
        ((ObjectNode) kept.get(0)).remove("behavior");
        json.writeValue(file().toFile(), kept);

        assertThat(grants().rotate(tokens.refresh(), null).lifetime()).isEqualTo(LIFETIME);
    }

    private GrantBehavior fault(String name) {
        MultivaluedMap<String, String> form = form("fault", name).map();
        form.putSingle("fault_seconds", "30");
        return GrantBehavior.of(new Parameters(form), clock.instant());
    }

    private static Parameters form(String name, String value) {
        MultivaluedMap<String, String> form = new MultivaluedHashMap<>();
        form.putSingle(name, value);
        return new Parameters(form);
    }

    private SandboxGrants grants() {
        return new SandboxGrants(new GrantFile(file()), clock, LIFETIME);
    }

    private Path file() {
        return directory.resolve("sandbox.json");
    }
}
