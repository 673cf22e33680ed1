package io.nexus.oauth.provider.reply;

import static org.assertj.core.api.Assertions.assertThat;

import io.nexus.oauth.provider.Providers;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Errors;
import io.nexus.oauth.provider.reply.FailureRules.Concern;
import io.nexus.oauth.provider.reply.FailureRules.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table of "Verdicts", row by row. */
class FailureRulesTest {

    private static final Errors RFC = new Errors(Set.of("invalid_grant"), Set.of(), Set.of());

    @ParameterizedTest
    @CsvSource({
        // the codes of RFC 6749 section 5.2
        "400, invalid_grant, GRANT_ENDED",
        "400, invalid_client, CLIENT",
        "401, invalid_client, CLIENT",
        "400, invalid_request, REQUEST",
        "400, invalid_scope, REQUEST",
        "400, unsupported_grant_type, REQUEST",
        "400, unauthorized_client, REQUEST",
        "403, unauthorized_client, REQUEST",
        // a permanent code counts whatever the status
        "401, invalid_grant, GRANT_ENDED",
        "403, invalid_grant, GRANT_ENDED",
        "404, invalid_grant, GRANT_ENDED",
        "422, invalid_grant, GRANT_ENDED",
        "200, invalid_grant, GRANT_ENDED",
        "400, interaction_required, GRANT_ENDED",
        "400, consent_required, GRANT_ENDED",
        "400, login_required, GRANT_ENDED",
        // codes that nobody has heard of
        "400, inactive_user, GRANT",
        "403, account_suspended, GRANT",
        "404, user_not_found, GRANT",
        "409, weird, GRANT",
        "422, weird, GRANT",
        "200, strange, GRANT",
        "400, other, GRANT",
        "400, deleted_client, CLIENT",
        "200, incorrect_client_credentials, CLIENT",
        // a 401 refuses the client, unless its code names the grant
        "401, '', CLIENT",
        "401, unauthorized_client, CLIENT",
        "401, invalid_request, CLIENT",
        "401, whatever, CLIENT",
        "401, invalid_token, GRANT",
        "401, user_disabled, GRANT",
        // no code
        "400, '', REQUEST",
        "403, '', REQUEST",
        "404, '', REQUEST",
        "405, '', REQUEST",
        "410, '', REQUEST",
        "302, '', REQUEST",
        "307, invalid_grant, REQUEST",
        // later
        "429, '', RATE_LIMIT",
        "429, invalid_grant, RATE_LIMIT",
        "400, slow_down, RATE_LIMIT",
        "403, rate_limit_exceeded, RATE_LIMIT",
        "403, user_rate_limit_exceeded, RATE_LIMIT",
        "400, rate_limited, RATE_LIMIT",
        "200, ratelimited, RATE_LIMIT",
        "400, too_many_requests, RATE_LIMIT",
        "400, login_rate_exceeded, RATE_LIMIT",
        "400, request_limit_exceeded, RATE_LIMIT",
        "403, quota_exceeded, RATE_LIMIT",
        "400, throttled, RATE_LIMIT",
        "503, slow_down, RATE_LIMIT",
        "400, temporarily_unavailable, BUSY",
        "503, temporarily_unavailable, BUSY",
        "400, server_error, FAULT",
        "408, '', FAULT",
        "500, '', FAULT",
        "500, invalid_grant, FAULT",
        "502, invalid_client, FAULT",
        "503, '', FAULT",
        "504, '', FAULT"
    })
    void concerns(int status, String error, Concern concern) {
        assertThat(concern(status, error, true, false, true, RFC)).isEqualTo(concern);
    }

    @ParameterizedTest
    @CsvSource({
        "400, '', RATE_LIMIT",
        "401, '', RATE_LIMIT",
        "403, '', RATE_LIMIT",
        "403, access_denied, RATE_LIMIT",
        "503, '', RATE_LIMIT",
        "500, '', FAULT",
        "400, invalid_grant, GRANT_ENDED",
        "401, invalid_client, CLIENT",
        "400, invalid_scope, REQUEST"
    })
    void answerThatAsksToWaitIsARateLimitUnlessItsCodeSaysOtherwise(int status, String error, Concern concern) {
        assertThat(concern(status, error, !error.isEmpty(), true, true, RFC)).isEqualTo(concern);
    }

    @ParameterizedTest
    @CsvSource({
        "401, '', REQUEST",
        "401, whatever, GRANT",
        "401, invalid_request, REQUEST",
        "401, invalid_client, CLIENT",
        "401, unauthorized_client, CLIENT",
        "401, invalid_token, GRANT"
    })
    void clientWithoutASecretIsBlamedOnlyByName(int status, String error, Concern concern) {
        assertThat(concern(status, error, true, false, false, RFC)).isEqualTo(concern);
    }

    // the page of a firewall is no answer of the provider
    @ParameterizedTest
    @CsvSource({
        "400, REQUEST",
        "401, CLIENT",
        "403, REQUEST",
        "404, REQUEST",
        "302, REQUEST",
        "500, FAULT",
        "503, FAULT"
    })
    void htmlSaysNothingAboutAGrant(int status, Concern concern) {
        Errors atlassian = Providers.shipped("atlassian").profile().errors();

        assertThat(concern(status, "", false, false, true, atlassian)).isEqualTo(concern);
    }

    @ParameterizedTest
    @CsvSource({
        "github, 200, bad_refresh_token, GRANT_ENDED",
        "github, 200, incorrect_client_credentials, CLIENT",
        "slack, 200, token_revoked, GRANT_ENDED",
        "slack, 200, account_inactive, GRANT_ENDED",
        "slack, 200, invalid_refresh_token, GRANT_ENDED",
        "slack, 200, invalid_grant, GRANT_ENDED",
        "slack, 200, ratelimited, RATE_LIMIT",
        "slack, 200, fatal_error, FAULT",
        "slack, 200, bad_client_secret, CLIENT",
        "atlassian, 403, unauthorized_client, GRANT_ENDED",
        "atlassian, 403, '', GRANT_ENDED",
        "atlassian, 403, invalid_client, CLIENT",
        "microsoft, 400, interaction_required, GRANT_ENDED"
    })
    void vendorsCodesCountFirst(String provider, int status, String error, Concern concern) {
        Errors vendor = Providers.shipped(provider).profile().errors();

        assertThat(concern(status, error, true, false, true, vendor)).isEqualTo(concern);
    }

    // a list of more codes must not lose the code of the standard
    @ParameterizedTest
    @ValueSource(strings = {"inactive_user", "INVALID_grant", "invalid_grant"})
    void fileNamesFurtherPermanentCodes(String code) {
        Errors mine = Providers.over(Providers.ENDPOINTS, "errors: {permanent: [Inactive_User]}")
                .errors();

        assertThat(concern(400, code.toLowerCase(java.util.Locale.ROOT), true, false, true, mine))
                .isEqualTo(Concern.GRANT_ENDED);
    }

    @ParameterizedTest
    @CsvSource({
        "200, e_4711, RATE_LIMIT",
        "400, e_4711, RATE_LIMIT",
        "401, e_4711, RATE_LIMIT",
        "403, login_required, RATE_LIMIT",
        "422, client_e1, RATE_LIMIT",
        "500, e_4711, RATE_LIMIT",
        "302, e_4711, REQUEST",
        "400, e_4712, GRANT",
        "400, slow_down, RATE_LIMIT",
        "400, invalid_grant, GRANT_ENDED"
    })
    void fileNamesFurtherCodesThatAskToWait(int status, String error, Concern concern) {
        Errors mine = Providers.over(Providers.ENDPOINTS, "errors: {rate_limited: [E_4711, login_required, client_e1]}")
                .errors();

        assertThat(concern(status, error, true, false, true, mine)).isEqualTo(concern);
    }

    @ParameterizedTest
    @CsvSource({
        "404, not found, ''",
        "404, not_found, ''",
        "401, unauthorized, ''",
        "403, forbidden, ''",
        "400, bad request, ''",
        "400, forbidden, forbidden",
        "404, user_not_found, user_not_found"
    })
    void wordsOfAWebFrameworkAreNoCode(int status, String error, String meaning) {
        assertThat(FailureRules.meaningful(status, error)).isEqualTo(meaning);
    }

    @Test
    void everyConcernIsExplained() throws IOException {
        String page = Files.readString(Path.of("src/site/markdown/concepts/verdicts.md"));

        assertThat(Arrays.stream(Concern.values())
                        .map(each -> "`" + each.name().toLowerCase(java.util.Locale.ROOT) + "`"))
                .allSatisfy(name -> assertThat(page).contains(name));
    }

    private static Concern concern(
            int status, String error, boolean readable, boolean asksToWait, boolean authenticated, Errors vendor) {
        return FailureRules.concern(new Failure(status, error, readable, asksToWait, authenticated), vendor);
    }
}
