package io.nexus.oauth.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The base is the chart, and the overlays build on it. */
class KustomizeTest {

    private static final Path DIRECTORY = Path.of("deploy/kustomize");
    private static final Set<String> MONITORING = Set.of("ServiceMonitor", "PrometheusRule");

    @TempDir
    Path directory;

    @Test
    void theBaseIsTheChart() throws IOException {
        String rendered = Chart.copyTo(directory.resolve("nexus-oauth"))
                .text(Files.readString(DIRECTORY.resolve("values.yaml")))
                .replace("{namespace=\"nexus\"}", "")
                .replace("{namespace=\"nexus\",", "{");
        List<Map<String, Object>> objects = Chart.parse(rendered).stream()
                .filter(each -> Chart.at(each, "/metadata/annotations/" + Chart.HOOK.replace("/", "~1")) == null)
                .toList();
        Generated.check(
                DIRECTORY.resolve("base/nexus-oauth.yaml"),
                text(objects.stream().filter(each -> !isMonitoring(each)).toList()));
        Generated.check(
                DIRECTORY.resolve("components/monitoring/monitoring.yaml"),
                text(objects.stream().filter(KustomizeTest::isMonitoring).toList()));
    }

    private static boolean isMonitoring(Map<String, Object> object) {
        return MONITORING.contains(object.get("kind"))
                || String.valueOf(Chart.at(object, "/metadata/name")).endsWith("-dashboard");
    }

    /** Without what is Helm's: its name, and the namespace, which is the overlay's. */
    private static String text(List<Map<String, Object>> objects) throws IOException {
        StringBuilder text = new StringBuilder();
        for (Map<String, Object> object : objects) {
            text.append(Chart.YAML.writeValueAsString(object));
        }
        return text.toString()
                .replaceAll("(?m)^  namespace: \"nexus\"\n", "")
                .replace("app.kubernetes.io/managed-by: \"Helm\"", "app.kubernetes.io/managed-by: \"kustomize\"");
    }

    private static List<Map<String, Object>> overlay(String name) throws IOException, InterruptedException {
        List<Map<String, Object>> objects = Chart.parse(Tool.run(
                "kubectl",
                "kustomize",
                DIRECTORY.resolve("overlays").resolve(name).toString()));
        assertThat(objects).isNotEmpty().allSatisfy(KubernetesSchema::read);
        assertThat(ChartTest.pods(objects).map(KubernetesSchema::read))
                .isNotEmpty()
                .allSatisfy(each -> assertThat(RestrictedProfile.violations(ChartTest.podSpec(each)))
                        .isEmpty());
        return objects;
    }

    private static Set<String> kinds(List<Map<String, Object>> objects) {
        return objects.stream()
                .map(KubernetesSchema::read)
                .map(HasMetadata::getKind)
                .collect(Collectors.toSet());
    }

    @Test
    void devIsOneReplicaWithoutAVolume() throws Exception {
        List<Map<String, Object>> objects = overlay("dev");
        Map<String, Object> server = Chart.of("StatefulSet", objects).getFirst();
        assertThat(Chart.at(server, "/spec/replicas")).isEqualTo(1);
        assertThat(Chart.at(server, "/spec/volumeClaimTemplates")).isNull();
        assertThat(Chart.at(server, "/metadata/namespace")).isEqualTo("nexus-oauth-dev");
        assertThat(ChartTest.podSpec(KubernetesSchema.read(server)).getVolumes())
                .anyMatch(volume -> volume.getName().equals("journal") && volume.getEmptyDir() != null);
        assertThat(kinds(objects)).doesNotContain("PodDisruptionBudget", "ServiceMonitor");
    }

    @Test
    void prodIsThreeReplicasByDigestWithMonitoring() throws Exception {
        List<Map<String, Object>> objects = overlay("prod");
        Map<String, Object> server = Chart.of("StatefulSet", objects).getFirst();
        assertThat(Chart.at(server, "/spec/replicas")).isEqualTo(3);
        assertThat(Chart.at(server, "/spec/volumeClaimTemplates/0/metadata/name"))
                .isEqualTo("journal");
        assertThat(Chart.at(server, "/spec/template/spec/containers/0/image").toString())
                .contains("@sha256:");
        assertThat(kinds(objects)).contains("PodDisruptionBudget", "ServiceMonitor", "PrometheusRule", "Ingress");
        assertThat(Chart.YAML.writeValueAsString(Chart.of("Ingress", objects))).doesNotContain("/api");
        assertThat(Chart.of("PrometheusRule", objects).toString())
                .contains("absent(nexus_oauth_scheduler_last_tick_age_seconds{namespace=\""
                        + Chart.at(server, "/metadata/namespace") + "\"})");
    }
}
