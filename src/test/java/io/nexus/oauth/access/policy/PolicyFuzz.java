package io.nexus.oauth.access.policy;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.charset.StandardCharsets;

/** Any policy file is read or refused without a surprise. */
class PolicyFuzz {

    @FuzzTest
    void policyFile(byte[] input) {
        try {
            PolicyText.parse(new String(input, StandardCharsets.UTF_8)).forEach(policy -> {
                policy.binding();
                policy.subjects().matches("system:serviceaccount:a:b");
                if (PolicyText.parseLine(PolicyText.line(policy)).isEmpty()) {
                    throw new AssertionError("is not read back");
                }
            });
        } catch (IllegalArgumentException expected) {
            if (expected instanceof NumberFormatException || expected.getMessage() == null) {
                throw expected;
            }
        }
    }
}
