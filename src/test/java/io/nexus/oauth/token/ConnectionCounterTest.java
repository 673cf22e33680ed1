package io.nexus.oauth.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.credential.StoredCredential;
import io.nexus.oauth.rest.Api;
import io.nexus.oauth.token.refresh.TokenFixture;
import io.quarkus.test.junit.QuarkusTest;
import jakarta.inject.Inject;
import org.junit.jupiter.api.Test;

@QuarkusTest
class ConnectionCounterTest extends TokenFixture {

    @Inject
    ConnectionCounter counter;

    private void life(StoredCredential credential, String issued, String left) {
        database.set(
                credential.key().id(),
                "encrypted_refresh_token = NULL, issued_at = clock_timestamp() - interval '" + issued
                        + "', expires_at = clock_timestamp() + interval '" + left + "'");
    }

    private double ending(String within) {
        return Api.metric("nexus_oauth_grants_ending", "provider=\"steady\"", "within=\"" + within + "\"");
    }

    private void refreshTokenLife(String since, String left) {
        database.set(
                connect("strict").key().id(),
                "refresh_end_since = clock_timestamp() - interval '" + since
                        + "', refresh_expires_at = clock_timestamp() + interval '" + left + "'");
    }

    /** An end that moves with each refresh, such as that of the fourth, is not the end of the grant. */
    @Test
    void grantsWhoseRefreshTokenEndsAreToldBeforeTheyEnd() {
        refreshTokenLife("80 days", "20 days");
        refreshTokenLife("80 days", "5 days");
        refreshTokenLife("80 days", "5 hours");
        refreshTokenLife("10 minutes", "20 minutes");
        refreshTokenLife("80 days", "-5 hours");

        await(counter.count());

        for (String[] expected : new String[][] {{"24h", "1"}, {"7d", "2"}, {"30d", "3"}}) {
            assertThat(Api.metric("nexus_oauth_grants_ending", "provider=\"strict\"", "within=\"" + expected[0] + "\""))
                    .isEqualTo(Double.parseDouble(expected[1]));
        }
    }

    /** Tokens of one hour and grants with a refresh token do not count as ending. */
    @Test
    void grantsThatOnlyTheirUsersCanProlongAreToldBeforeTheyEnd() {
        life(connect("steady"), "80 days", "20 days");
        life(connect("steady"), "80 days", "5 days");
        life(connect("steady"), "80 days", "5 hours");
        life(connect("steady"), "1 second", "1 hour");
        life(connect("steady"), "80 days", "-1 hour");
        StoredCredential revoked = connect("steady");
        life(revoked, "80 days", "5 hours");
        await(tokens.revokeCredential(revoked.key(), "bob"));
        database.set(
                connect("steady").key().id(),
                "issued_at = clock_timestamp() - interval '80 days', expires_at = clock_timestamp() + interval '5 hours'");

        await(counter.count());

        assertThat(ending("24h")).isEqualTo(1);
        assertThat(ending("7d")).isEqualTo(2);
        assertThat(ending("30d")).isEqualTo(3);
        assertThat(Api.metric("nexus_oauth_connections", "provider=\"steady\"", "status=\"active\""))
                .isEqualTo(6);
    }

    @Test
    void everyRequestToAProviderIsTimed() {
        String[] asked = {"provider=\"strict\"", "endpoint=\"token\"", "status_class=\"2xx\""};
        double before = Api.metric("nexus_oauth_provider_requests_seconds_count", asked);

        get(expired("strict"));

        assertThat(Api.metric("nexus_oauth_provider_requests_seconds_count", asked))
                .isEqualTo(before + 1);
    }
}
