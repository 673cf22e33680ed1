package io.nexus.oauth.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.Volume;
import io.nexus.oauth.cli.CliModel;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Runs {@code deploy/quickstart/up} without a cluster. Programs that need one are recorded; kubectl itself makes the objects, openssl the
 * keys, and Helm renders what the script installs. So each object is one of Kubernetes, and each Secret is there under the name that the
 * pods mount.
 */
class QuickstartTest {

    private static final Path SCRIPT = Path.of("deploy/quickstart/up");
    private static final Path POSTGRES = Path.of("deploy/quickstart/postgres.yaml");

    /** What answers in the place of a cluster. {@code create --dry-run=client} needs none, so kubectl itself answers that. */
    private static final String KUBECTL = """
            #!/usr/bin/env bash
            echo "kubectl $*" >>"$RECORD/calls"
            case " $* " in
              *" --dry-run=client "*) exec %s "$@" ;;
              *" apply "*) echo --- >>"$RECORD/applied"; cat "${@: -1}" >>"$RECORD/applied" ;;
              *" get endpointslices "*) echo 172.18.0.2 6443 ;;
            esac
            """;

    private static final String RECORDED = """
            #!/usr/bin/env bash
            echo "${0##*/} $*" >>"$RECORD/calls"
            """;

    @TempDir
    Path directory;

    private Path keys;
    private Path bin;

    @BeforeEach
    void programs() throws IOException {
        keys = directory.resolve("keys");
        bin = Files.createDirectories(directory.resolve("bin"));
        program("kubectl", KUBECTL.formatted(Tool.find("kubectl")));
        for (String name : List.of("kind", "minikube", "helm")) {
            program(name, RECORDED);
        }
        // a clone in which the image is built
        for (String name : List.of("deploy", "src")) {
            Files.createDirectories(directory.resolve("clone"));
            Files.createSymbolicLink(
                    directory.resolve("clone").resolve(name), Path.of(name).toAbsolutePath());
        }
        Files.createFile(
                Files.createDirectories(directory.resolve("clone/target/image")).resolve("nexus-oauth.tar"));
    }

    private void program(String name, String text) throws IOException {
        Path file = Files.writeString(bin.resolve(name), text);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    private record Ended(int code, String said) {}

    private Ended up(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("bash", "deploy/quickstart/up"));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.resolve("clone").toFile())
                .redirectErrorStream(true);
        builder.environment().put("PATH", bin + ":" + System.getenv("PATH"));
        builder.environment().put("RECORD", directory.toString());
        builder.environment().put("NEXUS_QUICKSTART", keys.toString());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return new Ended(process.exitValue(), said);
    }

    private List<Map<String, Object>> applied() throws IOException {
        return Chart.parse(Files.readString(directory.resolve("applied")));
    }

    private List<String> calls() throws IOException {
        return Files.readAllLines(directory.resolve("calls"));
    }

    /** What Helm renders with the values files of the recorded {@code helm upgrade}. */
    private List<Map<String, Object>> installed() throws IOException {
        String upgrade = calls().stream()
                .filter(call -> call.startsWith("helm upgrade --install "))
                .findFirst()
                .orElseThrow();
        List<String> values = new ArrayList<>();
        for (String file : Pattern.compile("-f (\\S+)")
                .matcher(upgrade)
                .results()
                .map(each -> each.group(1))
                .toList()) {
            values.add(Files.readString(Path.of(file)));
        }
        assertThat(values).hasSize(2);
        return Chart.copyTo(directory.resolve("chart/nexus-oauth")).objects(values.toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({"kind, kind-nexus", "minikube, nexus"})
    void everyObjectIsOneOfKubernetesAndEverySecretThatAPodMountsIsThere(String tool, String context) throws Exception {
        Ended ended = up(tool);
        assertThat(ended.code()).as(ended.said()).isZero();
        List<Map<String, Object>> applied = applied();
        assertThat(applied).hasSize(9).allSatisfy(KubernetesSchema::read);
        assertThat(calls().stream().filter(call -> call.startsWith("kubectl") && !call.contains("--dry-run=client")))
                .isNotEmpty()
                .allMatch(call -> call.startsWith("kubectl --context " + context + " "));
        assertThat(calls())
                .anyMatch(call -> call.startsWith(tool + " ") && call.contains("target/image/nexus-oauth.tar"));

        List<Map<String, Object>> objects = installed();
        PodSpec service = ChartTest.podSpec(
                KubernetesSchema.read(Chart.of("StatefulSet", objects).getFirst()));
        PodSpec database = ((Pod) KubernetesSchema.read(Chart.of("Pod", applied).getFirst())).getSpec();
        assertThat(RestrictedProfile.violations(database)).isEmpty();
        assertThat(missing(service, "nexus-oauth", applied)).isEmpty();
        assertThat(missing(database, "database", applied)).isEmpty();
        assertThat(Chart.YAML.writeValueAsString(Chart.of("NetworkPolicy", objects)))
                .contains("172.18.0.2/32", "6443");
    }

    /** The Secrets, and keys of them, that {@code pod} mounts and that nobody created in its namespace. */
    private static Set<String> missing(PodSpec pod, String namespace, List<Map<String, Object>> applied) {
        Set<String> wanted = new TreeSet<>();
        for (Volume volume : pod.getVolumes()) {
            if (volume.getSecret() != null) {
                String name = volume.getSecret().getSecretName();
                wanted.add(name);
                volume.getSecret().getItems().forEach(item -> wanted.add(name + "/" + item.getKey()));
            }
            if (volume.getProjected() != null) {
                volume.getProjected().getSources().stream()
                        .filter(source -> source.getSecret() != null)
                        .forEach(source -> source.getSecret()
                                .getItems()
                                .forEach(item -> wanted.add(source.getSecret().getName() + "/" + item.getKey())));
            }
        }
        assertThat(wanted).isNotEmpty();
        for (Map<String, Object> secret : Chart.of("Secret", applied)) {
            if (namespace.equals(Chart.at(secret, "/metadata/namespace"))) {
                String name = String.valueOf(Chart.at(secret, "/metadata/name"));
                wanted.remove(name);
                ((Map<?, ?>) secret.get("data")).keySet().forEach(key -> wanted.remove(name + "/" + key));
            }
        }
        return wanted;
    }

    /** Otherwise the service would refuse the database: it verifies the name. */
    @Test
    void theCertificateNamesTheHostOfTheDatabase() throws Exception {
        assertThat(up("kind").code()).isZero();
        var values =
                Chart.YAML.readTree(Path.of("deploy/quickstart/values.yaml").toFile());
        URI url = URI.create(values.at("/database/url").asText());
        Map<String, Object> secret = Chart.of("Secret", applied()).stream()
                .filter(each -> "nexus-oauth-database-ca".equals(Chart.at(each, "/metadata/name")))
                .findFirst()
                .orElseThrow();
        byte[] text = Base64.getDecoder()
                .decode(((Map<?, ?>) secret.get("data")).get("ca.crt").toString());
        X509Certificate certificate = (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(text));
        assertThat(certificate.getSubjectAlternativeNames().toString()).isEqualTo("[[2, " + url.getHost() + "]]");
        Map<String, Object> service =
                Chart.of("Service", Chart.parse(Files.readString(POSTGRES))).getFirst();
        assertThat(url.getHost())
                .isEqualTo(
                        Chart.at(service, "/metadata/name") + "." + Chart.at(service, "/metadata/namespace") + ".svc");
    }

    /** The command that the chart's notes print, tried by kubectl on the Secret of the script. */
    @Test
    void theNotesOfTheChartPrintTheFirstApiKeyInOneCommand() throws Exception {
        assertThat(up("kind").code()).isZero();
        String notes = notes("bootstrapKey: {existingSecret: nexus-oauth-first-api-key}");
        Matcher command = Pattern.compile(
                        "kubectl get secret nexus-oauth-first-api-key -n nexus -o (go-template='[^']+')")
                .matcher(notes);
        assertThat(command.find()).as(notes).isTrue();
        String printed = Tool.run(
                "kubectl",
                "create",
                "secret",
                "generic",
                "a",
                "--from-file=" + keys.resolve("first-api-key"),
                "--dry-run=client",
                "-o",
                command.group(1).replace("'", ""));
        assertThat(printed).isEqualTo(Files.readString(keys.resolve("first-api-key")));
        assertThat(notes(""))
                .contains("openssl rand -hex 32 | kubectl create secret")
                .doesNotContain("go-template");
    }

    /** Helm prints no notes with {@code template}, so they are rendered as comments of an object. */
    private String notes(String values) throws IOException {
        Path copy = Files.createTempDirectory(directory, "notes").resolve("nexus-oauth");
        Chart chart = Chart.copyTo(copy);
        String notes = Files.readString(copy.resolve("templates/NOTES.txt")).replaceAll("(?m)^", "# ");
        Files.writeString(
                copy.resolve("templates/notes.yaml"),
                notes + "\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: notes}\n");
        return chart.text(Chart.REQUIRED, values.isEmpty() ? "{}" : values);
    }

    /** A master key that changes would end every grant. */
    @Test
    void aSecondRunKeepsTheKeys() throws Exception {
        assertThat(up("kind").code()).isZero();
        List<String> secrets = secrets();
        Files.delete(directory.resolve("applied"));
        assertThat(up("kind").code()).isZero();
        assertThat(secrets()).isEqualTo(secrets).hasSize(5);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys.resolve("encryption.key"))))
                .isEqualTo("rw-------");
        assertThat(Base64.getUrlDecoder()
                        .decode(Files.readString(keys.resolve("encryption.key")).strip()))
                .hasSize(32);
    }

    private List<String> secrets() throws IOException {
        return Chart.of("Secret", applied()).stream()
                .map(each -> Chart.at(each, "/metadata/name") + " " + each.get("data"))
                .toList();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "docker"})
    void anUnknownToolIsAnsweredWithTheUsage(String tool) throws Exception {
        Ended ended = tool.isEmpty() ? up() : up(tool);
        assertThat(ended.code()).isEqualTo(2);
        assertThat(ended.said()).isEqualTo("usage: deploy/quickstart/up kind|minikube\n");
    }

    @Test
    void whatIsMissingIsSaidBeforeAnythingHappens() throws Exception {
        Files.delete(directory.resolve("clone/target/image/nexus-oauth.tar"));
        Ended ended = up("kind");
        assertThat(ended.code()).isEqualTo(1);
        assertThat(ended.said()).contains("./mvnw -Pimage verify -DskipTests");
        assertThat(directory.resolve("calls")).doesNotExist();
        assertThat(keys).doesNotExist();
    }

    @Test
    void itEndsWithACommandForTheFirstOwnKey() throws Exception {
        String said = up("kind").said();
        Matcher command =
                Pattern.compile("nexus (oauth api-keys create [^\n]+)").matcher(said);
        assertThat(command.find()).as(said).isTrue();
        // refuses an option that the command line does not have
        CliModel.tree().parseArgs(command.group(1).split(" "));
        assertThat(said)
                .contains("NEXUS_API_KEY_FILE=" + keys.resolve("first-api-key"), "kind delete cluster --name nexus");
        assertThat(said)
                .doesNotContain(Files.readString(keys.resolve("first-api-key")).strip());
    }

    @Test
    void everyFileThatTheScriptNamesIsThere() throws IOException {
        List<Path> named = Pattern.compile("deploy/[a-z/.-]+")
                .matcher(Files.readString(SCRIPT))
                .results()
                .map(each -> Path.of(each.group()))
                .toList();
        assertThat(named).hasSizeGreaterThan(3).allMatch(Files::exists);
        assertThat(Files.isExecutable(SCRIPT)).isTrue();
    }
}
