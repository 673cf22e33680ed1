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
 * Client certificates, verified by the TLS server against its trust store: the caller is the SPIFFE id in it (X509-SVID section 2),
 * or its subject (RFC 2253) when it has none.
 */
@ApplicationScoped
class CallerCertificates implements HttpServerOptionsCustomizer {

    private static final String SPIFFE = "spiffe://";
    private static final int URI_NAME = 6;
    private static final int LONGEST = 1000;

    private final AccessConfig.ClientCertificates wanted;
    private final Policies policies;
    private final Clock clock;

    CallerCertificates(AccessConfig config, Policies policies, Clock clock) {
        this.wanted = config.clientCertificates();
        this.policies = policies;
        this.clock = clock;
    }

    @Override
    public void customizeHttpsServer(HttpServerOptions options) {
        switch (wanted) {
            case NONE -> {}
            case REQUEST -> options.setClientAuth(ClientAuth.REQUEST);
            case REQUIRED -> options.setClientAuth(ClientAuth.REQUIRED);
        }
    }

    /** The certificate that the connection of {@code request} was opened with. */
    Optional<X509Certificate> of(HttpServerRequest request) {
        if (wanted == AccessConfig.ClientCertificates.NONE || !request.isSSL()) {
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
     * Who shows {@code certificate}; empty when it does not name one caller, or is over: the connection may be older than its end.
     * Fails as the database does.
     */
    Uni<Optional<Principal>> authenticate(X509Certificate certificate) {
        String subject = subject(certificate);
        if (subject == null || !isValid(certificate)) {
            return Uni.createFrom().item(Optional.empty());
        }
        return policies.current()
                .map(snapshot -> Optional.of(
                        Principal.of("certificate:" + subject, snapshot.grants(Policy.CERTIFICATE, subject))));
    }

    private boolean isValid(X509Certificate certificate) {
        try {
            certificate.checkValidity(Date.from(clock.instant()));
            return true;
        } catch (CertificateExpiredException | CertificateNotYetValidException e) {
            return false;
        }
    }

    /** One that has a SPIFFE id is known by it and by nothing else, and has exactly one. */
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
            return Identifiers.check("subject", subject, LONGEST);
        } catch (CertificateParsingException | IllegalArgumentException e) {
            return null;
        }
    }
}
