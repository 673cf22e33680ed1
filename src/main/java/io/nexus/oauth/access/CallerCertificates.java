package io.nexus.oauth.access;

import io.nexus.oauth.access.caller.AccessConfig;
import io.nexus.oauth.access.caller.Principal;
import io.nexus.oauth.access.policy.Policies;
import io.nexus.oauth.access.policy.Policy;
import io.nexus.oauth.credential.Identifiers;
import io.quarkus.vertx.http.HttpServerOptionsCustomizer;
import io.smallrye.mutiny.Uni;
import io.vertx.core.http.ClientAuth;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import jakarta.enterprise.context.ApplicationScoped;
import java.security.cert.CertificateExpiredException;
import java.security.cert.CertificateNotYetValidException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.Date;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;

/**
 * Authenticates callers by client certificate. The TLS server verifies the certificate against its trust store. The
 * caller's subject is the SPIFFE id in it (X509-SVID section 2), or the certificate's subject (RFC 2253) when there is
 * none.
 */
@ApplicationScoped
class CallerCertificates implements HttpServerOptionsCustomizer {

    private static final String SPIFFE = "spiffe://";
    private static final int URI_NAME = 6;
    private static final int MAX_SUBJECT_LENGTH = 1000;

    private final AccessConfig.ClientCertificates mode;
    private final Policies policies;
    private final Clock clock;

    CallerCertificates(AccessConfig config, Policies policies, Clock clock) {
        this.mode = config.clientCertificates();
        this.policies = policies;
        this.clock = clock;
    }

    @Override
    public void customizeHttpsServer(HttpServerOptions options) {
        switch (mode) {
            case NONE -> {}
            case REQUEST -> options.setClientAuth(ClientAuth.REQUEST);
            case REQUIRED -> options.setClientAuth(ClientAuth.REQUIRED);
        }
    }

    /** The client certificate of the connection of {@code request}. */
    Optional<X509Certificate> of(HttpServerRequest request) {
        if (mode == AccessConfig.ClientCertificates.NONE || !request.isSSL()) {
            return Optional.empty();
        }
        SSLSession session = request.connection().sslSession();
        try {
            return session != null && session.getPeerCertificates()[0] instanceof X509Certificate own
                    ? Optional.of(own)
                    : Optional.empty();
        } catch (SSLPeerUnverifiedException e) {
            return Optional.empty();
        }
    }

    /**
     * The principal of {@code certificate}; empty when it does not name exactly one caller or has expired, because a
     * connection may outlive its certificate. Fails with {@code StorageException} when the database fails.
     */
    Uni<Optional<Principal>> authenticate(X509Certificate certificate) {
        String subject = subject(certificate);
        if (subject == null || !isValid(certificate)) {
            return Uni.createFrom().item(Optional.empty());
        }
        return policies.current()
                .map(snapshot -> Optional.of(
                        Principal.of("certificate:" + subject, snapshot.bindings(Policy.CERTIFICATE, subject))));
    }

    private boolean isValid(X509Certificate certificate) {
        try {
            certificate.checkValidity(Date.from(clock.instant()));
            return true;
        } catch (CertificateExpiredException | CertificateNotYetValidException e) {
            return false;
        }
    }

    /**
     * The SPIFFE id, of which there must be exactly one if there is any; otherwise the subject. Null when neither is
     * valid.
     */
    static @Nullable String subject(X509Certificate certificate) {
        try {
            List<String> ids =
                    Objects.requireNonNullElse(certificate.getSubjectAlternativeNames(), List.<List<?>>of()).stream()
                            .filter(name -> Integer.valueOf(URI_NAME).equals(name.get(0)))
                            .map(name -> String.valueOf(name.get(1)))
                            .toList();
            boolean isSpiffe = ids.stream().anyMatch(id -> id.startsWith(SPIFFE));
            if (isSpiffe && ids.size() > 1) {
                return null;
            }
            String subject = isSpiffe
                    ? ids.getFirst()
                    : certificate.getSubjectX500Principal().getName();
            return Identifiers.check("subject", subject, MAX_SUBJECT_LENGTH);
        } catch (CertificateParsingException | IllegalArgumentException e) {
            return null;
        }
    }
}
