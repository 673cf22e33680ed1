package io.nexus.oauth.access.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.StringLength;

class PolicyPropertyTest {

    /** A file is taken as a whole, or refused with words about it. */
    @Property
    void anyFileIsRefusedWithWords(@ForAll @StringLength(max = 200) String text) {
        for (String yaml : List.of(text, "policies: " + text, "policies:\n  - name: " + text)) {
            try {
                assertThat(PolicyText.parse(yaml))
                        .allMatch(policy -> policy.faults().isEmpty());
            } catch (IllegalArgumentException e) {
                assertThat(e.getMessage()).isNotBlank().doesNotContain("java.", "io.nexus");
            }
        }
    }

    @Property
    void aStarNeverReachesOverASeparator(@ForAll @StringLength(max = 20) String text) {
        Policy policy = new Policy(
                "p", "i", "system:serviceaccount:ns:*", List.of("t"), List.of("token-reader"), null, null, null);

        boolean matches = policy.subjects().matches("system:serviceaccount:ns:" + text);

        assertThat(matches).isEqualTo(!text.isEmpty() && text.chars().noneMatch(c -> c == ':' || c == '/' || c == ','));
    }
}
