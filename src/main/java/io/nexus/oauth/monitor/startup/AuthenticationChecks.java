package io.nexus.oauth.monitor.startup;

import static io.nexus.oauth.monitor.startup.Finding.warning;

import io.nexus.oauth.provider.assertion.AssertionFiles;
import io.nexus.oauth.provider.assertion.BroughtKey;
import io.nexus.oauth.provider.assertion.ClientAssertions;
import io.nexus.oauth.provider.assertion.ClientKey;
import io.nexus.oauth.provider.assertion.ClientKey.Algorithm;
import io.nexus.oauth.provider.catalogue.ProviderProfile;
import io.nexus.oauth.provider.entry.JwtBearer;
import io.nexus.oauth.provider.entry.ProfileTerm.AssertionAudience;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Checks how one OAuth client of the configuration authenticates: the names, and the files with keys and assertions. Blocks. */
final class AuthenticationChecks {

    /** How long before the end of a certificate a finding says so. */
    private static final Duration ENDS_SOON = Duration.ofDays(30);

    private final Settings settings;
    private final String client;
    private final Instant now;
    private final Stream.Builder<Finding> findings = Stream.builder();

    AuthenticationChecks(Settings settings, String client, Instant now) {
        this.settings = settings;
        this.client = client;
        this.now = now;
    }

    /**
     * One finding for each fault.
     *
     * @param profile the provider
     */
    Stream<Finding> findings(ProviderProfile profile) {
        Optional<ClientAuth> method = named("token-endpoint-auth-method", ClientAuth::of);
        Algorithm algorithm =
                named("token-endpoint-auth-signing-alg", Algorithm::of).orElse(null);
        named("assertion-audience", AssertionAudience::of);
        boolean isTls = method.orElse(profile.token().auth()).isTls();
        boolean isKeyed = key("", algorithm, profile.jwtBearer(), isTls);
        key("second-", algorithm, profile.jwtBearer(), isTls);
        boolean isAsserted = file("client-assertion-file", path -> AssertionFiles.assertion(path, now));
        boolean byKey = isAsserted || (isKeyed && !hasSecret());
        ClientAuth chosen = method.orElse(
                byKey ? ClientAuth.PRIVATE_KEY_JWT : profile.token().auth());
        isKeyed |= isAsserted;
        if (chosen.isByKey() && !isKeyed) {
            add(
                    "token-endpoint-auth-method",
                    "is " + ClientAuth.nameOf(chosen) + ", and the client has no key",
                    chosen.isTls() ? "Set private-key-file and certificate-file" : "Set private-key-file");
        }
        secret(chosen, settings.text(client + ".client-secret").orElse(null));
        return findings.build();
    }

    private void secret(ClientAuth method, @Nullable String secret) {
        if (method == ClientAuth.CLIENT_SECRET_JWT
                && secret != null
                && secret.length() < ClientAssertions.MIN_SECRET_LENGTH) {
            add(
                    "client-secret",
                    "has less than " + ClientAssertions.MIN_SECRET_LENGTH
                            + " characters, too few for client_secret_jwt",
                    "Let the provider make a longer one");
        }
    }

    private boolean hasSecret() {
        return settings.text(client + ".client-secret").isPresent()
                || settings.text(client + ".client-secret-file").isPresent();
    }

    /** The one finding about a key: it cannot be read, or is none for the grant of the provider or for this client. */
    private boolean key(String which, @Nullable Algorithm algorithm, @Nullable JwtBearer grant, boolean isTls) {
        String id = settings.text(client + "." + which + "private-key-id").orElse(null);
        Optional<Path> chain =
                settings.text(client + "." + which + "certificate-file").map(Path::of);
        return file(which + "private-key-file", path -> {
            BroughtKey brought = chain.isPresent()
                    ? AssertionFiles.certified(path, chain.get(), algorithm, id, now)
                    : AssertionFiles.key(path, algorithm, id, now);
            certificate(which, brought.key(), isTls);
            String owner = brought.clientId();
            if (owner != null
                    && !owner.equals(settings.text(client + ".client-id").orElse(null))) {
                throw new IllegalArgumentException("is of another client: client-id must be its client_email");
            }
            if (grant != null) {
                grant.keyFaults(brought.key().algorithm().name(), brought.named(), brought.tokenEndpoint())
                        .forEach((field, fault) -> {
                            throw new IllegalArgumentException(
                                    field.equals("private_key")
                                            ? fault
                                            : "comes without its id, and private-key-id " + fault);
                        });
            }
        });
    }

    private void certificate(String which, ClientKey key, boolean isNeeded) {
        Optional<Instant> end = key.certificate().map(each -> each.details().notAfter());
        if (isNeeded && end.isEmpty()) {
            throw new IllegalArgumentException("comes without a certificate: set " + which + "certificate-file");
        }
        end.filter(at -> now.isAfter(at.minus(ENDS_SOON)))
                .ifPresent(at -> add(
                        which + "private-key-file",
                        "has a certificate that ends at " + at,
                        "Renew it; the service reads the files again at each use"));
    }

    private <T> Optional<T> named(String setting, Function<String, T> reader) {
        return settings.text(client + "." + setting).flatMap(text -> {
            try {
                return Optional.of(reader.apply(text));
            } catch (IllegalArgumentException e) {
                add(setting, String.valueOf(e.getMessage()), "Set it to one of these names");
                return Optional.empty();
            }
        });
    }

    /** Whether the client has such a file. */
    private boolean file(String setting, Consumer<Path> reader) {
        Optional<String> file = settings.text(client + "." + setting);
        file.ifPresent(path -> {
            try {
                reader.accept(Path.of(path));
            } catch (IllegalArgumentException e) {
                add(
                        setting,
                        String.valueOf(e.getMessage()),
                        "Correct the file; the service reads it again at each use");
            }
        });
        return file.isPresent();
    }

    private void add(String setting, String what, String remedy) {
        findings.add(warning(client + "." + setting, what, remedy));
    }
}
