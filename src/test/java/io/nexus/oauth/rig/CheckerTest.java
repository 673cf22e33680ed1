package io.nexus.oauth.rig;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** The checker of the rig is red when there was nothing to look at, and judges what there was. */
class CheckerTest {

    private static final Scenario.Run RUN = new Scenario.Run(8, false, new Random(1));
    private static final String KEY = World.key();

    @TempDir
    Path directory;

    private World.Plan plan;
    private final List<Snapshot.Session> sessions = new ArrayList<>();

    @BeforeEach
    void plan() {
        plan = new World.Plan(directory, directory, directory, 1, 2, 100, 12, 30, List.of());
    }

    @ParameterizedTest
    @EnumSource(Scenario.class)
    void aTrailWithNothingIsRedForEachSubjectOfTheScenario(Scenario scenario) throws IOException {
        Minimums minimums = Minimums.of(scenario, RUN, plan);

        Map<String, Finding> findings =
                judged(minimums).stream().collect(Collectors.toMap(each -> each.name, each -> each));

        assertThat(findings).hasSize(Invariant.values().length);
        for (Subject each : Subject.values()) {
            Finding finding = findings.get(each.invariant.name());
            if (minimums.isPart(each)) {
                assertThat(finding.violations())
                        .as("%s in %s", each, scenario)
                        .anyMatch(said -> said.startsWith("the check looked at 0 " + each.what + ", it must look at"));
            } else {
                assertThat(finding.toString())
                        .as("%s in %s", each, scenario)
                        .contains(each.what + " not looked at: not part of this scenario");
            }
        }
    }

    /** All but the dice, which only two scenarios throw, are looked at everywhere, or callers are no part of the scenario. */
    @ParameterizedTest
    @EnumSource(Scenario.class)
    void onlyWhatCallersAndOperatorsDoCanBeNoPartOfAScenario(Scenario scenario) {
        Minimums minimums = Minimums.of(scenario, RUN, plan);

        Set<Invariant> without = Arrays.stream(Invariant.values())
                .filter(each -> Arrays.stream(Subject.values())
                        .filter(subject -> subject.invariant == each)
                        .noneMatch(minimums::isPart))
                .collect(Collectors.toSet());

        Set<Invariant> allowed = new HashSet<>(Set.of(Invariant.I9, Invariant.I14, Invariant.I15));
        if (!scenario.wantsCallers()) {
            allowed.addAll(Set.of(Invariant.I4, Invariant.I5, Invariant.I12));
        }
        assertThat(allowed).containsAll(without);
    }

    @Test
    void theRandomScheduleHasToLookAtRevocationsAndEndedTenants() throws IOException {
        List<Finding> findings = judged(Minimums.of(Scenario.S21, RUN, plan));

        assertThat(finding(findings, Invariant.I9).violations())
                .contains(
                        "the check looked at 0 revoked grants, it must look at 5 at least",
                        "the check looked at 0 ended tenants, it must look at 1 at least");
    }

    @Test
    void aWholeRoundOfTheRandomScheduleCrossesRevocationsAndTradesCodes() throws IOException {
        List<Finding> findings = judged(Minimums.of(Scenario.S21, new Scenario.Run(1500, true, new Random(1)), plan));

        assertThat(finding(findings, Invariant.I9).violations())
                .contains(
                        "the check looked at 0 answers with tokens that a revocation crossed, it must look at 5 at least");
        assertThat(finding(findings, Invariant.I15).violations())
                .contains("the check looked at 0 codes that were traded for tokens, it must look at 12 at least");
    }

    @Test
    void aFindingThatDoesNotSayWhatItLooksAtIsRed() {
        assertThat(new Finding("S0", "nothing").violations())
                .containsExactly("the check does not say what it looks at");
    }

    @Test
    void aMinimumOfNothingIsRefused() {
        Finding finding = new Finding("S0", "nothing");
        assertThatThrownBy(() -> finding.tally("things", 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void oneLessThanTheMinimumIsRedAndTheMinimumIsNot() {
        Finding finding = new Finding("S0", "things");
        Tally tally = finding.tally("things", 3);
        tally.add(2);
        assertThat(finding.violations()).containsExactly("the check looked at 2 things, it must look at 3 at least");

        tally.add();
        assertThat(finding.violations()).isEmpty();
    }

    /** On the processes of earlier scenarios their traces do not count, and still are judged. */
    @Test
    void onlyWhatTheScenarioItselfLeftCounts() throws IOException {
        provider(
                "grant t=10 g=u1-1 p=strict tenant=t0 user=u1 r=1 a=1 life=30",
                "request t=20 g=u1-1 p=strict n=1 gen=1 cur=1 rep=r1 port=5 conc=2 secret=0",
                "grant t=60 g=u2-1 p=strict tenant=t0 user=u2 r=1 a=1 life=30",
                "request t=70 g=u2-1 p=strict n=1 gen=1 cur=1 rep=r1 port=6 conc=1 secret=0");
        write("events.log", "scenario t=50 name=S1 seconds=8");

        Finding overlaps = finding(judged(Minimums.of(Scenario.S1, RUN, plan)), Invariant.I3);

        assertThat(overlaps.found()).containsExactly("u1-1 (strict): request 1 overlaps another");
        assertThat(overlaps.toString()).contains("1 refresh requests (at least");
    }

    @Test
    void aTokenAfterItsRevocationIsRed() throws IOException {
        connected();
        driver(
                "revoked t=1000000 c=c1 g=u1-1 sent=900000 status=200 there=revoked",
                "ok t=2600000 rep=r1 c=c1 p=strict sent=2500000 mine=true g=u1-1 a=1 state=fresh v=1");

        Finding finding = finding(judged(Minimums.of(Scenario.S14, RUN, plan)), Invariant.I5);

        assertThat(finding.found()).containsExactly("u1-1: a token from r1 1500 ms after the revocation of its grant");
        assertThat(finding.toString()).contains("1 requests for a token after its revocation");
    }

    @Test
    void aReplicaThatCannotReachTheDatabaseMayNotHaveHeardOfIt() throws IOException {
        connected();
        write("events.log", "database_away t=950000 rep=r1", "database_back t=3000000");
        driver(
                "revoked t=1000000 c=c1 g=u1-1 sent=900000 status=200 there=revoked",
                "ok t=2600000 rep=r1 c=c1 p=strict sent=2500000 mine=true g=u1-1 a=1 state=fresh v=1",
                "ok t=2600000 rep=r2 c=c1 p=strict sent=2500000 mine=true g=u1-1 a=1 state=fresh v=1");

        Finding finding = finding(judged(Minimums.of(Scenario.S14, RUN, plan)), Invariant.I5);

        assertThat(finding.found()).containsExactly("u1-1: a token from r2 1500 ms after the revocation of its grant");
    }

    @Test
    void aGrantThatWasRevokedHereAndLivesAtTheProviderIsRed() throws IOException {
        connected();
        driver("revoked t=1000000 c=c1 g=u1-1 sent=900000 status=200 there=revoked");

        Finding finding = finding(judged(Minimums.of(Scenario.S14, RUN, plan)), Invariant.I9);

        assertThat(finding.found()).containsExactly("u1-1 (strict) lives at the provider");
    }

    /** The answer was on its way when its grant was revoked, and its refresh token was not revoked after it. */
    @Test
    void tokensThatWereBornAcrossARevocationAndLiveAreRed() throws IOException {
        bornAcrossARevocation("delivered");

        Finding finding = finding(judged(Minimums.of(Scenario.S23, RUN, plan)), Invariant.I9);

        assertThat(finding.found()).containsExactly("u1-1 (strict) lives at the provider");
        assertThat(finding.toString()).contains("1 answers with tokens that a revocation crossed");
    }

    @Test
    void tokensThatWereBornAcrossARevocationAreGreenWhenTheyAreRevokedToo() throws IOException {
        bornAcrossARevocation("delivered");
        provider("revoke t=1400000 g=u1-1 secret=0 gen=2 ends=true");

        Finding finding = finding(judged(Minimums.of(Scenario.S23, RUN, plan)), Invariant.I9);

        assertThat(finding.found()).isEmpty();
    }

    @Test
    void tokensThatReachedNobodyCannotBeRevoked() throws IOException {
        bornAcrossARevocation("destroyed");

        Finding finding = finding(judged(Minimums.of(Scenario.S23, RUN, plan)), Invariant.I9);

        assertThat(finding.found()).isEmpty();
        assertThat(finding.notes())
                .containsExactly("u1-1 (strict) lives at the provider: answer destroyed by the provider (NONE)");
        assertThat(finding.toString()).contains("0 answers with tokens that a revocation crossed");
    }

    @Test
    void aTokenThatWasBornAcrossARevocationAndHandedOutIsRed() throws IOException {
        bornAcrossARevocation("delivered");
        driver("ok t=1300000 rep=r1 c=c1 p=strict sent=850000 mine=true g=u1-1 a=2 state=fresh v=2");

        Finding finding = finding(judged(Minimums.of(Scenario.S23, RUN, plan)), Invariant.I5);

        assertThat(finding.found())
                .containsExactly("u1-1: a token from r1 that was born across the revocation of its grant");
    }

    @Test
    void aCodeWhoseTokensAreNeitherStoredNorRevokedIsRed() throws IOException {
        traded();

        Finding finding = finding(judged(Minimums.of(Scenario.S24, RUN, plan)), Invariant.I15);

        assertThat(finding.found()).containsExactly("u1-1 (strict): its first tokens are neither stored nor revoked");
        assertThat(finding.toString()).contains("1 codes that were traded for tokens");
    }

    @Test
    void aReplicaThatWasKilledInTheOutageLosesWhatItCouldNotStore() throws IOException {
        traded();
        write(
                "events.log",
                "database_away t=900000 rep=all",
                "kill t=5000000 rep=r1",
                "killed t=5100000 rep=r1",
                "database_back t=9000000");

        Finding finding = finding(judged(Minimums.of(Scenario.S24, RUN, plan)), Invariant.I15);

        assertThat(finding.found()).isEmpty();
        assertThat(finding.notes()).containsExactly("u1-1 (strict) is lost: r1 was killed before it could store them");
    }

    @Test
    void theDeathOfAnotherReplicaExcusesNothing() throws IOException {
        traded();
        write(
                "events.log",
                "database_away t=900000 rep=all",
                "kill t=5000000 rep=r2",
                "killed t=5100000 rep=r2",
                "database_back t=9000000",
                "kill t=30000000 rep=r1",
                "killed t=30100000 rep=r1");

        Finding finding = finding(judged(Minimums.of(Scenario.S24, RUN, plan)), Invariant.I15);

        assertThat(finding.found()).containsExactly("u1-1 (strict): its first tokens are neither stored nor revoked");
    }

    @Test
    void aCodeWhoseTokensACallerGotOrTheProviderRevokedIsGreen() throws IOException {
        traded();
        driver("ok t=2600000 rep=r1 c=c1 p=strict sent=2500000 mine=true g=u1-1 a=1 state=fresh v=1");
        provider(
                "grant t=10 g=u2-1 p=strict tenant=t0 user=u2 r=1 a=1 life=3000",
                "trade t=1000000 g=u2-1 p=strict rep=r1 port=6",
                "traded t=1100000 g=u2-1 result=delivered",
                "revoke t=1200000 g=u2-1 secret=0 gen=1 ends=true");

        Finding finding = finding(judged(Minimums.of(Scenario.S24, RUN, plan)), Invariant.I15);

        assertThat(finding.found()).isEmpty();
        assertThat(finding.toString()).contains("2 codes that were traded for tokens");
    }

    @Test
    void aSessionThatDoesNotEndAndACodeThatIsSentAgainAreRed() throws IOException {
        sessions.add(new Snapshot.Session("s1", 20, "exchanging", ""));
        sessions.add(new Snapshot.Session("s2", 20, "failed", "interrupted"));
        sessions.add(new Snapshot.Session("s3", 20, "started", ""));
        provider("code_again t=10 p=strict code=code~u1~1~");

        Finding finding = finding(judged(Minimums.of(Scenario.S24, RUN, plan)), Invariant.I15);

        assertThat(finding.found())
                .containsExactly("a code was presented twice: code~u1~1~", "session s1 is still exchanging its code");
        assertThat(finding.toString()).contains("1 connect sessions that ended");
    }

    @Test
    void aKindOfDiceThatNeverComesIsRedAmongManyThrows() throws IOException {
        List<String> lines = new ArrayList<>(List.of("grant t=10 g=u1-1 p=strict tenant=t0 user=u1 r=1 a=1 life=30"));
        for (int n = 1; n <= 1000; n++) {
            lines.add("request t=20 g=u1-1 p=strict n=" + n + " gen=1 cur=1 rep=r1 port=5 conc=1 secret=0");
            lines.add("end t=30 g=u1-1 n=" + n + " result=refused port=5 fault="
                    + (n <= 4 ? Dice.Fault.GZIP : Dice.Fault.NONE));
        }
        provider(lines.toArray(String[]::new));

        Finding finding = finding(judged(Minimums.of(Scenario.S2, RUN, plan)), Invariant.I14);

        assertThat(finding.violations())
                .contains(
                        "the check looked at 4 answers GZIP, it must look at 5 at least",
                        "the check looked at 0 answers JUNK, it must look at 5 at least")
                .noneMatch(each -> each.contains("answers HUGE"));
    }

    /** The clock of r1 was 30 s ahead when it stored the end of the token, half a second before it stepped back. */
    @ParameterizedTest
    @CsvSource({"10500000, 0", "30000000, 1"})
    void anEndThatAWrongClockWroteIsExcusedUntilTheClockChanges(long born, int found) throws IOException {
        provider("grant t=" + born + " g=u1-1 p=strict tenant=t0 user=u1 r=1 a=1 life=10");
        long sent = born + 20_000_000;
        driver("ok t=" + sent + " rep=r2 c=c1 p=strict sent=" + sent + " mine=true g=u1-1 a=1 state=fresh v=1");
        write("events.log", "clock t=1000000 rep=r1 by=30", "clock t=11000000 rep=r1 by=3600");

        Finding finding = finding(judged(Minimums.of(Scenario.S12, RUN, plan)), Invariant.I4);

        assertThat(finding.found()).hasSize(found);
    }

    /** Lease and quarantine end while the replica is gone, and so does the grace of a provider. */
    @ParameterizedTest
    @CsvSource({"5000000, 0", "20000000, 1"})
    void anAnswerInTheJournalOfAReplicaThatDiedInTheOutageCanBeLost(long killed, int found) throws IOException {
        connected();
        provider(
                "request t=1000000 g=u1-1 p=strict n=1 gen=1 cur=1 rep=r1 port=5 conc=1 secret=0",
                "spend t=1010000 g=u1-1 p=strict n=1 gen=1 verdict=rotated r=2 a=2 life=30.0 fault=NONE",
                "end t=1020000 g=u1-1 n=1 result=delivered port=5 fault=-",
                "request t=90000000 g=u1-1 p=strict n=2 gen=1 cur=2 rep=r2 port=6 conc=1 secret=0",
                "spend t=90010000 g=u1-1 p=strict n=2 gen=1 verdict=reuse r=2 a=2 life=30.0 fault=NONE",
                "end t=90020000 g=u1-1 n=2 result=refused port=6 fault=-");
        write(
                "events.log",
                "database_away t=900000 rep=all",
                "database_back t=9000000",
                "kill t=" + killed + " rep=r1",
                "killed t=" + killed + " rep=r1");

        Finding finding = finding(judged(Minimums.of(Scenario.S24, RUN, plan)), Invariant.I1);

        assertThat(finding.found()).hasSize(found);
    }

    @Test
    void aRevocationThatNobodyAskedForIsRed() throws IOException {
        connected();
        driver("fail t=2600000 rep=r1 c=c1 g=u1-1 sent=2500000 status=410 type=credential-revoked code=");

        Finding finding = finding(judged(Minimums.of(Scenario.S14, RUN, plan)), Invariant.I5);

        assertThat(finding.found()).containsExactly("u1-1 (strict): credential-revoked although nobody revoked it");
    }

    @Test
    void anEndedTenantGetsNoTokenAndLeavesNothing() throws IOException {
        connected();
        driver(
                "ended_tenant t=1000000 tenant=t0 sent=900000 forced=true",
                "fail t=1100000 rep=r1 c=c1 g=u1-1 sent=1050000 status=410 type=tenant-shredded code=",
                "ok t=13100000 rep=r1 c=c1 p=strict sent=13000000 mine=true g=u1-1 a=1 state=fresh v=1");

        List<Finding> findings = judged(Minimums.of(Scenario.S21, RUN, plan));

        assertThat(finding(findings, Invariant.I5).found())
                .containsExactly("u1-1: a token from r1 12000 ms after the revocation of its tenant");
        assertThat(finding(findings, Invariant.I9).found())
                .containsExactly("tenant t0 was ended, and the database does not say so");
    }

    @Test
    void theOrderOfTheRandomScheduleFollowsFromTheSeed() {
        assertThat(Operators.round(new Random(7))).isEqualTo(Operators.round(new Random(7)));
        assertThat(Operators.round(new Random(7))).contains(Operators.Act.values());
        assertThat(Soak.round(new Random(7))).isEqualTo(Soak.round(new Random(7)));
        assertThat(Soak.round(new Random(7))).isNotEqualTo(Soak.round(new Random(8)));
    }

    /** The refresh token of generation 2 was issued before generation 1 was revoked, and its answer came {@code result} after it. */
    private void bornAcrossARevocation(String result) throws IOException {
        connected();
        provider(
                "request t=800000 g=u1-1 p=strict n=1 gen=1 cur=1 rep=r1 port=5 conc=1 secret=0",
                "spend t=810000 g=u1-1 p=strict n=1 gen=1 verdict=rotated r=2 a=2 life=30.0 fault=NONE",
                "revoke t=950000 g=u1-1 secret=0 gen=1 ends=false",
                "end t=1200000 g=u1-1 n=1 result=" + result + " port=5 fault=-");
        driver("revoked t=1000000 c=c1 g=u1-1 sent=900000 status=200 there=revoked");
    }

    /** The grant u1-1 of tenant t0 began with a code that the replica r1 sent, and its first tokens arrived there. */
    private void traded() throws IOException {
        provider(
                "grant t=10 g=u1-1 p=strict tenant=t0 user=u1 r=1 a=1 life=3000",
                "trade t=1000000 g=u1-1 p=strict rep=r1 port=5",
                "traded t=1100000 g=u1-1 result=delivered");
    }

    /** The grant u1-1 of tenant t0 is stored as the credential c1. */
    private void connected() throws IOException {
        provider("grant t=10 g=u1-1 p=strict tenant=t0 user=u1 r=1 a=1 life=3000");
        driver("connected t=20 c=c1 g=u1-1 p=strict user=u1");
    }

    private void provider(String... lines) throws IOException {
        Files.createDirectories(directory.resolve("provider"));
        write("provider/provider.log", lines);
    }

    private void driver(String... lines) throws IOException {
        write("driver.log", lines);
    }

    private void write(String name, String... lines) throws IOException {
        Path file = directory.resolve(name);
        Files.write(
                file, List.of(lines), java.nio.file.StandardOpenOption.CREATE, java.nio.file.StandardOpenOption.APPEND);
    }

    private List<Finding> judged(Minimums minimums) throws IOException {
        Snapshot nothing = new Snapshot(Map.of(), List.of(), Map.of(), List.of(), Map.of(), Map.of(), sessions, 0);
        Trail trail = new Trail(
                new Evidence(directory, List.of()), nothing, 1, 2, List.of(KEY), Map.<String, OptionalDouble>of());
        Canaries canaries =
                new Canaries(directory.resolve("data"), List.of(), List.of(), directory.resolve("canaries"));
        return new Checker(trail, canaries, minimums).run();
    }

    private static Finding finding(List<Finding> findings, Invariant invariant) {
        return findings.stream()
                .filter(each -> each.name.equals(invariant.name()))
                .findFirst()
                .orElseThrow();
    }
}
