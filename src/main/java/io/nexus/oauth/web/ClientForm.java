package io.nexus.oauth.web;

import io.nexus.oauth.api.ClientKeyView;
import io.nexus.oauth.api.ClientRequest;
import io.nexus.oauth.api.ClientView;
import io.nexus.oauth.api.Problem;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The values of the form, without secrets.
 *
 * @param stored whether the client is registered
 * @param clientId the client identifier
 * @param scopes the default scopes
 * @param omittedScopes base scopes that are not requested
 * @param redirectUri a redirect URI other than the service's own, or empty
 * @param vars values of the provider's variables
 * @param authMethod how the client authenticates, or empty when the profile decides
 * @param signingAlg the algorithm of its private key, or empty
 * @param assertionAudience whom its assertions name, or empty when the profile decides
 * @param keyId the provider's id of the private key that was typed, or empty
 * @param jwksUri the address of its public keys, or null
 * @param keys the keys that sign its assertions
 * @param secrets the number of stored secrets
 * @param faults the errors of the form
 * @param question the question whether to replace the stored client, or null
 */
public record ClientForm(
        boolean stored,
        String clientId,
        String scopes,
        String omittedScopes,
        String redirectUri,
        Map<String, String> vars,
        String authMethod,
        String signingAlg,
        String assertionAudience,
        String keyId,
        @Nullable String jwksUri,
        List<ClientKeyView> keys,
        int secrets,
        List<Problem.Error> faults,
        @Nullable Replacement question) {

    static final Problem.Error SECRET_MISSING = new Problem.Error(
            "/client_secret", "is missing for the new client id: type it, or confirm that there is none");

    static final Problem.Error OTHER_VARS = new Problem.Error(
            "/client_secret", "is missing: the stored one belongs to the present variables. Type it again");

    /** The methods of client authentication that the form offers, with what they mean. */
    public List<Choice> methods() {
        return List.of(
                new Choice("client_secret_basic", "The secret, by HTTP Basic"),
                new Choice("client_secret_basic_raw", "The secret, by HTTP Basic without form encoding"),
                new Choice("client_secret_post", "The secret, in the body"),
                new Choice("client_secret_jwt", "An assertion that the secret signs"),
                new Choice("private_key_jwt", "An assertion that a private key signs; no secret"),
                new Choice("tls_client_auth", "A certificate of an authority; no secret"),
                new Choice("self_signed_tls_client_auth", "A certificate that the provider knows; no secret"),
                new Choice("none", "Nothing: a public client"));
    }

    /** The algorithms of a private key. */
    public List<String> algorithms() {
        return List.of("RS256", "PS256", "ES256");
    }

    /** Whom an assertion can name. */
    public List<Choice> audiences() {
        return List.of(
                new Choice("issuer", "The issuer of the provider"),
                new Choice("token_endpoint", "The address of its token endpoint"));
    }

    /** Whether a value of a private key is set, or wrong. */
    public boolean hasKeySettings() {
        return !signingAlg.isEmpty()
                || !assertionAudience.isEmpty()
                || !keyId.isEmpty()
                || Stream.of("private_key", "private_key_id", "token_endpoint_auth_signing_alg", "assertion_audience")
                        .anyMatch(field -> !fault(field).isEmpty());
    }

    /** An option of a list. */
    public record Choice(String value, String words) {}

    /** Whether the service made the keys, so that it can make the next one. */
    public boolean canRotate() {
        return keys.stream().noneMatch(ClientKeyView::brought) && !keys.isEmpty();
    }

    /** Whether the operator can confirm that the new client has no secret. */
    public boolean mayHaveNoSecret() {
        return faults.contains(SECRET_MISSING);
    }

    static ClientForm empty() {
        return new ClientForm(false, "", "", "", "", Map.of(), "", "", "", "", null, List.of(), 0, List.of(), null);
    }

    static ClientForm of(ClientView view) {
        return new ClientForm(
                true,
                view.clientId(),
                String.join(" ", view.scopes()),
                String.join(" ", view.omittedScopes()),
                view.redirectUri(),
                view.vars(),
                Objects.requireNonNullElse(view.tokenEndpointAuthMethod(), ""),
                Objects.requireNonNullElse(view.tokenEndpointAuthSigningAlg(), ""),
                Objects.requireNonNullElse(view.assertionAudience(), ""),
                "",
                view.jwksUri(),
                view.keys(),
                (view.hasSecret() ? 1 : 0) + (view.hasSecondSecret() ? 1 : 0),
                List.of(),
                null);
    }

    static ClientForm of(ClientRequest entered, Optional<ClientView> present, List<Problem.Error> faults) {
        ClientForm before = present.map(ClientForm::of).orElseGet(ClientForm::empty);
        return new ClientForm(
                before.stored(),
                entered.clientId() == null ? "" : entered.clientId(),
                entered.scopes() == null ? "" : String.join(" ", entered.scopes()),
                entered.omittedScopes() == null ? "" : String.join(" ", entered.omittedScopes()),
                entered.redirectUri() == null ? "" : entered.redirectUri(),
                entered.vars() == null ? Map.of() : entered.vars(),
                Objects.requireNonNullElse(entered.tokenEndpointAuthMethod(), ""),
                Objects.requireNonNullElse(entered.tokenEndpointAuthSigningAlg(), ""),
                Objects.requireNonNullElse(entered.assertionAudience(), ""),
                Objects.requireNonNullElse(entered.privateKeyId(), ""),
                before.jwksUri(),
                before.keys(),
                before.secrets(),
                faults,
                null);
    }

    ClientForm asking(Optional<Replacement> about) {
        return new ClientForm(
                stored,
                clientId,
                scopes,
                omittedScopes,
                redirectUri,
                vars,
                authMethod,
                signingAlg,
                assertionAudience,
                keyId,
                jwksUri,
                keys,
                secrets,
                faults,
                about.orElse(null));
    }

    /** The value of a variable, or empty. */
    public String value(String variable) {
        return vars.getOrDefault(variable, "");
    }

    /** The name of a variable in words. */
    public String words(String variable) {
        String words = variable.replace('_', ' ');
        return words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }

    /** The id of the field of a variable. */
    public String id(String variable) {
        return "var-" + variable;
    }

    /** The error of a variable, or empty. */
    public String varFault(String variable) {
        return FieldErrors.of(faults, "vars/" + variable);
    }

    /** Whether the form is shown again, so that secrets have to be typed again. */
    public boolean isRefused() {
        return !faults.isEmpty() || question != null;
    }

    /** The errors of variables that the provider does not have, or empty. */
    public String otherVars(List<String> known) {
        return FieldErrors.of(
                faults.stream()
                        .filter(fault ->
                                known.stream().noneMatch(name -> fault.pointer().equals("/vars/" + name)))
                        .toList(),
                "vars");
    }

    /** The error of a field, or empty. */
    public String fault(String field) {
        return FieldErrors.of(faults, field);
    }

    /**
     * The stored client that another one would replace.
     *
     * @param clientId its client identifier
     * @param vars its variables
     * @param grants the credentials with a live grant of it; null when the caller may not see all of them
     */
    public record Replacement(
            String clientId,
            Map<String, String> vars,
            @Nullable Long grants) {

        /** Whether the caller may know the number of grants. */
        public boolean isCounted() {
            return grants != null;
        }

        /** The number of grants with its noun. */
        public String counted() {
            return grants + (isOne() ? " credential" : " credentials");
        }

        /** Whether it is one grant. */
        public boolean isOne() {
            return grants != null && grants == 1;
        }
    }
}
