package io.nexus.oauth.token.refresh;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.nexus.oauth.credential.CredentialException;
import io.nexus.oauth.credential.CredentialKey;
import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.credential.TenantId;
import io.nexus.oauth.provider.reply.ValidationReply;
import io.nexus.oauth.token.CredentialCheck;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Tests of credentials by {@link CredentialCheck}. */
@QuarkusTest
class ProviderVerdictTest extends TokenFixture {

    @Inject
    CredentialCheck test;

    @Test
    void asksTheProvider() {
        StoredCredential credential = connect("strict");

        CredentialCheck.Result result = await(test.test(credential.key()));

        assertThat(result.atProvider()).isEqualTo(ValidationReply.VALID);
        assertThat(result.works()).isTrue();
        assertThat(result.token().version()).isEqualTo(1);
    }

    @Test
    void refreshesFirst() {
        StoredCredential credential = expired("killing");

        CredentialCheck.Result result = await(test.test(credential.key()));

        assertThat(result.atProvider()).isEqualTo(ValidationReply.VALID);
        assertThat(result.token().version()).isEqualTo(2);
    }

    @Test
    void believesTheProvider() {
        StoredCredential credential = connect("strict");
        provider.grant(user(credential)); // a newer grant that we know nothing of

        CredentialCheck.Result result = await(test.test(credential.key()));

        assertThat(result.atProvider()).isEqualTo(ValidationReply.INVALID);
        assertThat(result.works()).isFalse();
    }

    @Test
    void noVerdictIsNoVerdict() {
        StoredCredential credential = connect("strict");
        provider.userinfo(500);

        CredentialCheck.Result result = await(test.test(credential.key()));

        assertThat(result.atProvider()).isEqualTo(ValidationReply.UNKNOWN);
        assertThat(result.works()).isTrue();
    }

    @Test
    void failsAsTheHandOutDoes() {
        CredentialKey unknown = new CredentialKey(TenantId.DEFAULT, UUID.randomUUID());

        assertThatThrownBy(() -> await(test.test(unknown))).isInstanceOf(CredentialException.NotFound.class);
    }
}
