package io.nexus.oauth.provider.entry;

import io.nexus.oauth.provider.catalogue.ProviderProfile;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The enumerations of a {@link ProviderProfile}. */
public final class ProfileTerm {

    private ProfileTerm() {}

    /** How the client authenticates (RFC 6749 section 2.3, names of RFC 7591 section 2). */
    public enum ClientAuth {
        /** {@code client_secret_basic}. */
        BASIC,
        /** As {@code client_secret_basic}, without the form encoding of RFC 6749 section 2.3.1: for servers that do not undo it. */
        BASIC_RAW,
        /** {@code client_secret_post}. */
        POST,
        /** A public client: the identifier alone. */
        NONE,
        /** HTTP Basic with the secret as user and no password. */
        SECRET_AS_USER,
        /** The secret after the word {@code Client} in the header {@code Authorization}. */
        CLIENT_SCHEME,
        /** Basic unless the metadata offers only {@code client_secret_post}. */
        DISCOVERED,
        /** {@code client_secret_jwt}: an assertion under the secret. */
        CLIENT_SECRET_JWT,
        /** {@code private_key_jwt}: an assertion under a key of the client. */
        PRIVATE_KEY_JWT,
        /** {@code tls_client_auth}: a certificate of an authority that the server trusts (RFC 8705 section 2.1). */
        TLS_CLIENT_AUTH,
        /** {@code self_signed_tls_client_auth}: a certificate that the server knows (RFC 8705 section 2.2). */
        SELF_SIGNED_TLS_CLIENT_AUTH;

        /** The names that a registration may choose. */
        public static final Map<String, ClientAuth> REGISTERED = names();

        private static Map<String, ClientAuth> names() {
            Map<String, ClientAuth> names = new LinkedHashMap<>();
            names.put("client_secret_basic", BASIC);
            names.put("client_secret_basic_raw", BASIC_RAW);
            names.put("client_secret_post", POST);
            names.put("client_secret_jwt", CLIENT_SECRET_JWT);
            names.put("private_key_jwt", PRIVATE_KEY_JWT);
            names.put("tls_client_auth", TLS_CLIENT_AUTH);
            names.put("self_signed_tls_client_auth", SELF_SIGNED_TLS_CLIENT_AUTH);
            names.put("none", NONE);
            return Collections.unmodifiableMap(names);
        }

        /** The method called {@code name}; throws {@link IllegalArgumentException} with the names that are there. */
        public static ClientAuth of(String name) {
            ClientAuth found = REGISTERED.get(name);
            if (found == null) {
                throw new IllegalArgumentException("must be one of " + String.join(", ", REGISTERED.keySet()));
            }
            return found;
        }

        /** The name that a registration chooses {@code method} by; null when it has none. */
        public static @Nullable String nameOf(@Nullable ClientAuth method) {
            return REGISTERED.entrySet().stream()
                    .filter(each -> each.getValue() == method)
                    .map(Map.Entry::getKey)
                    .findFirst()
                    .orElse(null);
        }

        /** Whether the client shows a certificate when it connects (RFC 8705 section 2). */
        public boolean isTls() {
            return this == TLS_CLIENT_AUTH || this == SELF_SIGNED_TLS_CLIENT_AUTH;
        }

        /** Whether the client proves with a private key who it is, and has no secret. */
        public boolean isByKey() {
            return this == PRIVATE_KEY_JWT || isTls();
        }

        /** Whether the client proves with an assertion who it is. */
        public boolean isAssertion() {
            return this == CLIENT_SECRET_JWT || this == PRIVATE_KEY_JWT;
        }
    }

    /** Whom an assertion names as its audience (RFC 7523 section 3). */
    public enum AssertionAudience {
        /** The issuer. */
        ISSUER,
        /** The URL of the token endpoint. */
        TOKEN_ENDPOINT;

        /** The audience called {@code name}; throws {@link IllegalArgumentException} with the names that are there. */
        public static AssertionAudience of(String name) {
            return switch (name) {
                case "issuer" -> ISSUER;
                case "token_endpoint" -> TOKEN_ENDPOINT;
                default -> throw new IllegalArgumentException("must be issuer or token_endpoint");
            };
        }
    }

    /** How a provider takes the token of a user for which it issues another. */
    public enum ExchangeStyle {
        /** As {@code subject_token} (RFC 8693 section 2.1). */
        RFC8693,
        /** As {@code assertion} with {@code requested_token_use=on_behalf_of}, as Microsoft has it. */
        ON_BEHALF_OF,
        /** Not at all: it takes the assertion that the user's identity provider issues for that token (RFC 7523 section 2.1). */
        ID_JAG
    }

    /** Where an assertion that is a grant stands in its request. */
    public enum AssertionStyle {
        /** As {@code assertion} of a token request (RFC 7523 section 2.1). */
        GRANT,
        /** As the bearer token of the request, which has no parameters of OAuth. */
        BEARER
    }

    /** Whether the header of an assertion that is a grant has the key id. */
    public enum KeyId {
        /** It has. */
        SENT,
        /** It has, and the id is the provider's: a key must be brought with it. */
        REQUIRED,
        /** It has not. */
        OMITTED
    }

    /** The format of the parameters. */
    public enum BodyFormat {
        /** {@code application/x-www-form-urlencoded}. */
        FORM,
        /** One JSON object of texts. */
        JSON,
        /** In the URL; for vendors that take nothing else. */
        QUERY
    }

    /** Whether RFC 7636 is used. */
    public enum Pkce {
        /** The server rejects requests without it. */
        REQUIRED,
        /** The server understands it. */
        SUPPORTED,
        /** It must not be sent. */
        OFF
    }

    /** Whether a refresh replaces the refresh token. */
    public enum Rotation {
        /** The old one stays. */
        NEVER,
        /** It depends on the customer's settings; treated like {@link #ALWAYS}. */
        MAYBE,
        /** Each refresh issues a new one. */
        ALWAYS
    }

    /** The form of a vendor's revocation request. */
    public enum RevokeStyle {
        /** RFC 7009. */
        RFC7009,
        /** A request that sends the token to revoke as its bearer token. */
        BEARER,
        /** DELETE with the token in the body. */
        DELETE,
        /** A request of the client that names the account in its parameters and sends no token. */
        UNINSTALL,
        /** The provider cannot revoke a single grant. */
        NONE
    }

    /** A token of the grant. */
    public enum TokenKind {
        /** The refresh token. */
        REFRESH,
        /** The access token. */
        ACCESS
    }

    /** Where the account's identity comes from. */
    public enum IdentitySource {
        /** An HTTP call with the access token. */
        USERINFO,
        /** The token reply. */
        TOKEN,
        /** The parameters of the callback. */
        CALLBACK,
        /** The claims of the ID token, which came directly from the token endpoint (OIDC Core 3.1.3.7 (6)). */
        ID_TOKEN
    }

    /** How a point in time is written. */
    public enum TimeFormat {
        /** Seconds since 1970. */
        EPOCH_S,
        /** Milliseconds since 1970. */
        EPOCH_MS,
        /** RFC 3339 text. */
        ISO8601
    }

    /** The unit of a duration in a reply. */
    public enum Unit {
        /** Seconds. */
        S,
        /** Milliseconds. */
        MS,
        /** Minutes. */
        MIN
    }

    /** A value that marks a successful reply: the pointer to it, and its text. */
    public record Expected(String at, String is) {}
}
