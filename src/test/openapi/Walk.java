import client.ApiClient;
import client.ApiException;
import client.api.ConnectApi;
import client.api.CredentialsApi;
import client.api.TokensApi;
import client.model.ConnectSessionRequest;
import client.model.ConnectSessionView;
import client.model.Problem;
import client.model.RejectionRequest;
import client.model.TokenView;
import java.nio.file.Files;
import java.nio.file.Path;

/** The main job with the generated client: connect, get a token, report it, revoke. Walk <address> <file of the key> <consent> */
class Walk {

    public static void main(String[] args) throws Exception {
        String key = Files.readString(Path.of(args[1])).strip();
        ApiClient client = new ApiClient();
        client.updateBaseUri(args[0]);
        client.setRequestInterceptor(request -> request.header("Authorization", "Bearer " + key));
        ConnectApi connect = new ConnectApi(client);
        CredentialsApi credentials = new CredentialsApi(client);
        TokensApi tokens = new TokensApi(client);

        ConnectSessionRequest wish = new ConnectSessionRequest().provider("sandbox").user("java@example.com");
        ConnectSessionView session = connect.createConnectSession(wish, null);
        check(new ProcessBuilder(args[2], session.getUrl()).inheritIO().start().waitFor() == 0, "consent");
        session = connect.getConnectSession(session.getId(), 10, null);
        check(session.getStatus().equals("connected"), session);

        TokenView first = tokens.getToken("sandbox", "java@example.com", 30, 10, null, null, null);
        check(first.getCredentialId().equals(session.getCredentialId()) && first.getExpiresIn() > 30, first);
        TokenView second = tokens.reportRejectedToken(
                first.getCredentialId(), new RejectionRequest().version(first.getVersion()), null, null, null);
        check(second.getVersion() > first.getVersion(), second);
        check(!second.getAccessToken().equals(first.getAccessToken()), "the token is new");

        check(credentials.listCredentials("sandbox", "java@example.com", null, "valid", null, null, 10, null, null)
                        .getItems()
                        .size()
                == 1, "one credential");
        String revoked = credentials.revokeCredential(first.getCredentialId(), null).getAtProvider();
        check(revoked.equals("revoked"), revoked);
        try {
            tokens.getToken("sandbox", "java@example.com", null, null, null, null, null);
            check(false, "a revoked credential has no token");
        } catch (ApiException e) {
            Problem problem = client.getObjectMapper().readValue(e.getResponseBody(), Problem.class);
            check(e.getCode() == 410 && problem.getRevokedAt() != null, problem);
        }
        System.out.println("java: done");
    }

    private static void check(boolean right, Object found) {
        if (!right) {
            throw new IllegalStateException(String.valueOf(found));
        }
    }
}
