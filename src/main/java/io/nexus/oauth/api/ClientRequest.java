package io.nexus.oauth.api;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Registers an OAuth client at a provider.
 *
 * @param clientId the client identifier. Required
 * @param clientSecret the client secret. Without it the service keeps the stored secret of the same client, or registers a
 *     public client. Other {@code vars} need it again
 * @param secondClientSecret a secret that the service tries when the provider refuses the first. Without it the service keeps
 *     the stored one, unless {@code client_secret} is new
 * @param scopes the scopes to request when the caller names none
 * @param omittedScopes base scopes of the provider that the service does not request, for example {@code offline_access}
 * @param redirectUri the redirect URI that is registered at the provider. The default is the callback of this service
 * @param tokenEndpointAuthMethod how the client authenticates. {@code client_secret_basic}: HTTP Basic; {@code client_secret_basic_raw}:
 *     HTTP Basic without form encoding of id and secret; {@code client_secret_post}: in the body; {@code client_secret_jwt}: an assertion
 *     under the secret; {@code private_key_jwt}: an assertion under a private key; {@code tls_client_auth}: a certificate of an authority that the
 *     provider trusts; {@code self_signed_tls_client_auth}: a certificate that the provider knows; {@code none}: a public client. The
 *     provider's profile decides without it
 * @param tokenEndpointAuthSigningAlg the algorithm of assertions under a private key. {@code RS256}: RSA with PKCS #1; {@code PS256}:
 *     RSA with PSS; {@code ES256}: ECDSA on P-256. The default is RS256, or that of the brought key
 * @param assertionAudience whom the assertion names. {@code issuer}: the issuer; {@code token_endpoint}: the URL of the token endpoint.
 *     The provider's profile decides without it
 * @param privateKey a private key that signs assertions: of {@code private_key_jwt}, and of the grant {@code jwt-bearer} at providers that
 *     have it. It is PKCS#8 or PKCS#1 in PEM, with its certificate if the provider wants one, a JSON Web Key as text, or the key file of a
 *     service account as text. {@code tls_client_auth} and {@code self_signed_tls_client_auth} need the key and the certificate chain in PEM,
 *     that of the client first. Without it the service keeps the present key of the same client, or makes one for {@code
 *     private_key_jwt}. Other {@code vars} need it again
 * @param privateKeyId the provider's id of {@code private_key} ({@code kid}). The default is the id in the key or its file, else its
 *     thumbprint
 * @param vars the values of the provider's variables
 */
public record ClientRequest(
        @Nullable String clientId,
        @Nullable String clientSecret,
        @Nullable String secondClientSecret,
        @Nullable List<String> scopes,
        @Nullable List<String> omittedScopes,
        @Nullable String redirectUri,
        @Nullable String tokenEndpointAuthMethod,
        @Nullable String tokenEndpointAuthSigningAlg,
        @Nullable String assertionAudience,
        @Nullable String privateKey,
        @Nullable String privateKeyId,
        @Nullable Map<String, String> vars) {

    /** Without the secret and the key. */
    @Override
    public String toString() {
        return "ClientRequest[clientId=" + clientId + "]";
    }
}
