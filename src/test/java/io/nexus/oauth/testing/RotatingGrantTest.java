package io.nexus.oauth.testing;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.testing.RotatingGrant.Rule;
import io.nexus.oauth.testing.RotatingGrant.Verdict;
import org.junit.jupiter.api.Test;

/** The rules by which the providers of all tests judge. */
class RotatingGrantTest {

    private final RotatingGrant grant = new RotatingGrant();

    @Test
    void reuseWithoutAGraceEndsTheGrant() {
        assertThat(spend("strict", 1)).isEqualTo(Verdict.ROTATED);
        assertThat(grant.generation()).isEqualTo(2);
        assertThat(grant.accepts(1)).isTrue();

        assertThat(spend("strict", 1)).isEqualTo(Verdict.REUSE);

        assertThat(grant.isDead()).isTrue();
        assertThat(grant.accepts(2)).isFalse();
        assertThat(spend("strict", 2)).isEqualTo(Verdict.DEAD);
    }

    @Test
    void tokenBeforeTheNewestGivesTheSameSuccessorInsideTheGrace() {
        spend("graceful", 1);

        assertThat(spend("graceful", 1)).isEqualTo(Verdict.SUCCESSOR);
        assertThat(grant.generation()).isEqualTo(2);
        assertThat(grant.access()).isEqualTo(3);

        spend("graceful", 2);
        assertThat(spend("graceful", 1)).isEqualTo(Verdict.REUSE);
    }

    @Test
    void latestSuccessorKillsTheEarlierOne() {
        spend("latest", 1);

        assertThat(spend("latest", 1)).isEqualTo(Verdict.LATEST);
        assertThat(grant.generation()).isEqualTo(3);
        assertThat(spend("latest", 2)).isEqualTo(Verdict.REUSE);
    }

    @Test
    void tokenThatIsNotRotatedStays() {
        assertThat(spend("steady", 1)).isEqualTo(Verdict.KEPT);
        assertThat(spend("steady", 1)).isEqualTo(Verdict.KEPT);
        assertThat(grant.generation()).isEqualTo(1);
        assertThat(grant.access()).isEqualTo(3);

        assertThat(grant.spend(RotatingGrant.STRICT, 1, true)).isEqualTo(Verdict.KEPT);
        assertThat(grant.generation()).isEqualTo(1);
    }

    @Test
    void refreshEndsTheAccessTokensBeforeWhereTheRuleSaysSo() {
        spend("killing", 1);

        assertThat(grant.accepts(1)).isFalse();
        assertThat(grant.accepts(2)).isTrue();
        assertThat(grant.accepts(3)).isFalse();
    }

    @Test
    void endedGrantGivesNothing() {
        grant.end();

        assertThat(spend("steady", 1)).isEqualTo(Verdict.DEAD);
        assertThat(grant.accepts(1)).isFalse();
    }

    private Verdict spend(String provider, int generation) {
        Rule rule = RotatingGrant.RULES.get(provider);
        return grant.spend(rule, generation, false);
    }
}
