package io.nexus.oauth.provider.egress;

import io.vertx.core.MultiMap;
import java.util.Set;

/**
 * The result of one HTTP request. It says whether the request was certainly not sent, possibly received, or answered.
 */
public sealed interface ExchangeResult {

    /** The outcome as {@link RequestListener} hears it: the class of the status, {@code lost} or {@code unsent}. */
    default String outcome() {
        return switch (this) {
            case Complete complete -> complete.status() / 100 + "xx";
            case Lost lost -> "lost";
            case NotSent none -> "unsent";
        };
    }

    /**
     * A complete response. The body has at most {@link HttpExchange.Call#cap()} bytes; its content codings are undone
     * and its byte order mark is removed.
     */
    record Complete(int status, MultiMap headers, String body) implements ExchangeResult {

        /** Omits headers and body, because they contain tokens. */
        @Override
        public String toString() {
            return "Complete[status=" + status + "]";
        }
    }

    /** Definite: the server read nothing of the request. {@code code} is a stable code of the service. */
    record NotSent(String code) implements ExchangeResult {

        /** The host resolves to addresses that the service does not connect to. */
        public static final String FORBIDDEN = "forbidden_address";

        /** No connection to the host. */
        static final String UNCONNECTED = "unconnected";

        /** The server refused the certificate of the client (RFC 8705 section 2) and so read no request. */
        public static final String REFUSED_CERTIFICATE = "client_certificate_refused";

        static final String PROXY_UNREACHABLE = "proxy_unreachable";
        static final String PROXY_CREDENTIALS = "proxy_credentials";
        static final String PROXY_REFUSED = "proxy_refused";
        static final String PROXY_FAILED = "proxy_failed";

        private static final Set<String> PROXY =
                Set.of(PROXY_UNREACHABLE, PROXY_CREDENTIALS, PROXY_REFUSED, PROXY_FAILED);

        public boolean isForbidden() {
            return code.equals(FORBIDDEN);
        }

        /** Whether the server refused the certificate of the client. */
        public boolean isRefusedCertificate() {
            return code.equals(REFUSED_CERTIFICATE);
        }

        /** Whether the forward proxy made no connection to the host. */
        public boolean isByProxy() {
            return PROXY.contains(code);
        }
    }

    /** The request may have arrived, but no complete response came. {@code code} is a stable code of the service. */
    record Lost(String code) implements ExchangeResult {}
}
