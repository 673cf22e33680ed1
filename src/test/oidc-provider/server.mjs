// The authorization server oidc-provider on loopback: server.mjs <port>. Clients register themselves (RFC 7591), anybody signs in with any
// password, refresh tokens work once, access tokens live for ten seconds, and authorization requests must be pushed (RFC 9126).
import { Provider } from 'oidc-provider';

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const api = 'urn:api';

const provider = new Provider(issuer, {
  clientAuthMethods: ['client_secret_basic', 'client_secret_post', 'client_secret_jwt', 'private_key_jwt', 'none'],
  scopes: ['openid', 'email', 'offline_access', 'read'],
  claims: { openid: ['sub'], email: ['email', 'email_verified'] },
  conformIdTokenClaims: false,
  findAccount: (ctx, id) => ({
    accountId: id,
    claims: () => ({ sub: id, email: `${id}@example.com`, email_verified: true }),
  }),
  issueRefreshToken: (ctx, client) => client.grantTypeAllowed('refresh_token'),
  rotateRefreshToken: true,
  ttl: { AccessToken: 10, ClientCredentials: 10, RefreshToken: 3600, Grant: 3600, Session: 3600 },
  features: {
    clientCredentials: { enabled: true },
    pushedAuthorizationRequests: { enabled: true, requirePushedAuthorizationRequests: true },
    registration: { enabled: true },
    registrationManagement: { enabled: true },
    revocation: { enabled: true },
    introspection: { enabled: true },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => undefined,
      useGrantedResource: () => true,
      getResourceServerInfo: () => ({ scope: 'read', audience: api, accessTokenFormat: 'opaque' }),
    },
  },
});
provider.listen(port, '127.0.0.1');
