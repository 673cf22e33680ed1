package io.nexus.oauth.deploy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.apps.StatefulSet;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The chart as Helm renders it, against Kubernetes' classes and the restricted profile. */
class ChartTest {

    /** Everything that can be switched on. */
    private static final String ALL = Chart.REQUIRED + """
            bootstrapKey: {existingSecret: nexus-oauth-first-api-key}
            migration: {mode: job}
            config: {nexus.oauth.refresh.concurrency: 64, nexus.oauth.connect.return-urls: ["https://a.example/", "https://b.example/"]}
            secretProperties: [{property: nexus.oauth.sample, existingSecret: sample, key: value}]
            providers: {mine.yaml: "providers: {}"}
            clients: {google: {clientId: mine, existingSecret: google, scopes: [openid, email], vars: {a: b}}}
            policies: [{name: worker, issuer: "https://i", subject: "system:serviceaccount:a:b", tenants: [acme], roles: [token-reader]}]
            serviceAccountIssuer: {enabled: true}
            networkPolicy: {apiServer: [{ipBlock: {cidr: 192.0.2.1/32}}]}
            transit: {url: "https://vault.vault.svc:8200", audience: vault, caSecret: vault-ca}
            forwardProxy: {url: "http://proxy.corp:3128", existingSecret: forward-proxy}
            tls: {existingSecret: nexus-oauth-tls, clientCertificates: request, clientCaSecret: callers-ca}
            tracing: {endpoint: "http://collector.observability:4317"}
            autoscaling: {enabled: true}
            ingress: {enabled: true, className: nginx, tlsSecret: tls}
            httpRoute: {enabled: true, parentRefs: [{name: public, namespace: gateways}]}
            proxy: {trusted: [10.0.0.0/8]}
            imagePullSecrets: [registry]
            metrics: {serviceMonitor: {enabled: true}, prometheusRule: {enabled: true}, dashboard: {enabled: true}}
            nodeSelector: {kubernetes.io/arch: amd64}
            tolerations: [{key: a, operator: Exists}]
            priorityClassName: high
            extraEnv: [{name: TZ, value: UTC}]
            extraVolumes: [{name: more, emptyDir: {}}]
            extraVolumeMounts: [{name: more, mountPath: /more}]
            podAnnotations: {a: b}
            commonLabels: {team: identity}
            extraObjects: [{apiVersion: v1, kind: ConfigMap, metadata: {name: "{{ .Release.Name }}-more"}}]
            """;

    @TempDir
    static Path directory;

    private static Chart chart;

    @BeforeAll
    static void copy() throws IOException {
        chart = Chart.copyTo(directory.resolve("nexus-oauth"));
    }

    static Stream<Map<String, Object>> pods(List<Map<String, Object>> objects) {
        return objects.stream()
                .filter(each ->
                        List.of("Deployment", "StatefulSet", "Job", "Pod").contains(each.get("kind")));
    }

    static PodSpec podSpec(HasMetadata object) {
        return switch (object) {
            case Deployment each -> each.getSpec().getTemplate().getSpec();
            case StatefulSet each -> each.getSpec().getTemplate().getSpec();
            case Job each -> each.getSpec().getTemplate().getSpec();
            case Pod each -> each.getSpec();
            default -> throw new IllegalArgumentException(object.getKind());
        };
    }

    private static String env(PodSpec pod, String name) {
        return pod.getContainers().getFirst().getEnv().stream()
                .filter(each -> each.getName().equals(name))
                .map(each -> String.valueOf(each.getValue()))
                .findFirst()
                .orElse(null);
    }

    private PodSpec server(String... values) throws IOException {
        return chart.objects(values).stream()
                .filter(each -> List.of("Deployment", "StatefulSet").contains(each.get("kind")))
                .map(KubernetesSchema::read)
                .map(ChartTest::podSpec)
                .findFirst()
                .orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {Chart.REQUIRED, ALL, Chart.REQUIRED + "journal: {persistence: {enabled: false}}"})
    void everyObjectIsOneOfKubernetesAndEveryPodIsRestricted(String values) throws IOException {
        assertThat(chart.lint(values)).isEmpty();
        List<Map<String, Object>> objects = chart.objects(values);
        assertThat(objects.stream().map(KubernetesSchema::read).map(HasMetadata::getKind))
                .contains("Service", "ServiceAccount", "NetworkPolicy", "PodDisruptionBudget", "ConfigMap", "Pod");
        assertThat(pods(objects))
                .hasSizeGreaterThanOrEqualTo(2)
                .allSatisfy(object -> assertThat(RestrictedProfile.violations(podSpec(KubernetesSchema.read(object))))
                        .as(object.get("kind") + " " + Chart.at(object, "/metadata/name"))
                        .isEmpty());
    }

    @Test
    void aMisspeltFieldAndAnUnsafePodAreNoticed() throws IOException {
        String misspelt = chart.text(Chart.REQUIRED).replace("replicas: 2", "replicaz: 2");
        assertThatThrownBy(() -> Chart.parse(misspelt).forEach(KubernetesSchema::read))
                .hasMessageContaining("replicaz");
        PodSpec unsafe = server(Chart.REQUIRED
                + "securityContext: {readOnlyRootFilesystem: false, capabilities: {drop: null}}\n"
                + "podSecurityContext: {runAsNonRoot: false, seccompProfile: null}\n"
                + "extraVolumes: [{name: host, hostPath: {path: /}}]\n"
                + "extraEnv: [{name: A, valueFrom: {secretKeyRef: {name: a, key: b}}}]");
        assertThat(RestrictedProfile.violations(unsafe))
                .containsExactlyInAnyOrder(
                        "volume type of host",
                        "nexus-oauth: capabilities",
                        "nexus-oauth: may run as root",
                        "nexus-oauth: seccomp",
                        "nexus-oauth: writable root",
                        "nexus-oauth: a secret in the environment");
    }

    @Test
    void whatIsRequiredIsToldAllAtOnce() {
        assertThatThrownBy(() -> chart.text(""))
                .hasMessageContainingAll(
                        "publicUrl", "database.url", "database.existingSecret", "encryption.existingSecret", "openssl");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "replicaCount: 2",
                "publicUrl: http://oauth.example.com",
                "database: {url: 'postgresql://user:secret@db/nexus'}",
                "image: {digest: latest}",
                "migration: {mode: never}",
                "terminationGracePeriodSeconds: 30",
                "shutdownTimeoutSeconds: 30",
                "livenessProbe: {periodSeconds: 30, failureThreshold: 4}",
                "transit: {url: 'http://vault.vault.svc:8200'}",
                "forwardProxy: {url: 'https://proxy.corp:3128'}",
                "forwardProxy: {url: 'http://user:secret@proxy.corp:3128'}",
                "forwardProxy: {url: 'http://proxy.corp:3128', connectBy: maybe}",
                "config: {nexus.oauth.encryption.key: secret}",
                "config: {nexus.oauth.clients.google.client-secret: secret}",
                "clients: {google: {clientId: a, clientSecret: secret}}",
                "ingress: {enabled: maybe}",
                "shutdownDelaySeconds: 40",
                "serviceAccountIssuer: {enabled: true}",
                "config: {nexus.oauth.sandbox.enabled: true}",
                "config: {nexus.oauth.providers.allow-insecure-http: 'True'}",
                "config: {nexus.oauth.connect.return-urls: ['https://*.example.com/']}",
                "config: {nexus.oauth.connect.return-urls: 'https://a.example/,http://b.example/'}",
            })
    void wrongValuesAreRefused(String values) {
        assertThatThrownBy(() -> chart.text(Chart.REQUIRED, values)).isInstanceOf(RuntimeException.class);
    }

    @Test
    void theSchemaKnowsEveryValue() throws IOException {
        var schema = Chart.YAML.readTree(
                Chart.DIRECTORY.resolve("values.schema.json").toFile());
        Chart.YAML
                .readTree(Chart.DIRECTORY.resolve("values.yaml").toFile())
                .fieldNames()
                .forEachRemaining(
                        name -> assertThat(schema.at("/properties/" + name).isMissingNode())
                                .as(name)
                                .isFalse());
    }

    @Test
    void twoReplicasWithDisksThatOutliveTheirNodes() throws IOException {
        List<Map<String, Object>> objects = chart.objects(Chart.REQUIRED);
        Map<String, Object> workload = Chart.of("StatefulSet", objects).getFirst();
        assertThat(Chart.at(workload, "/spec/replicas")).isEqualTo(2);
        assertThat(Chart.at(workload, "/spec/volumeClaimTemplates/0/metadata/name"))
                .isEqualTo("journal");
        assertThat(Chart.at(workload, "/spec/persistentVolumeClaimRetentionPolicy"))
                .isEqualTo(Map.of("whenDeleted", "Retain", "whenScaled", "Retain"));
        assertThat(Chart.at(workload, "/spec/serviceName")).isEqualTo("nexus-oauth-management");
        PodSpec pod = podSpec(KubernetesSchema.read(workload));
        assertThat(pod.getTerminationGracePeriodSeconds()).isEqualTo(90);
        assertThat(env(pod, "NEXUS_OAUTH_JOURNAL_DIRECTORY")).startsWith("/var/lib/nexus-oauth/");
        assertThat(pod.getTopologySpreadConstraints()).hasSize(2);
        assertThat(Chart.at(Chart.of("PodDisruptionBudget", objects).getFirst(), "/spec/maxUnavailable"))
                .isEqualTo(1);
    }

    @Test
    void withoutDisksItIsADeploymentThatNeverHasLessReplicasWhileItRolls() throws IOException {
        List<Map<String, Object>> objects = chart.objects(Chart.REQUIRED + "journal: {persistence: {enabled: false}}");
        assertThat(Chart.of("StatefulSet", objects)).isEmpty();
        Map<String, Object> workload = Chart.of("Deployment", objects).getFirst();
        assertThat(Chart.at(workload, "/spec/strategy/rollingUpdate/maxUnavailable"))
                .isEqualTo(0);
        assertThat(podSpec(KubernetesSchema.read(workload)).getVolumes()).anySatisfy(volume -> {
            assertThat(volume.getName()).isEqualTo("journal");
            assertThat(volume.getEmptyDir()).isNotNull();
        });
    }

    @Test
    void probesAskTheManagementPortAndTimersFollowThem() throws IOException {
        PodSpec pod = server(Chart.REQUIRED + "livenessProbe: {periodSeconds: 5, failureThreshold: 4}\n"
                + "terminationGracePeriodSeconds: 120\nshutdownDelaySeconds: 15");
        var container = pod.getContainers().getFirst();
        assertThat(Stream.of(container.getStartupProbe(), container.getLivenessProbe(), container.getReadinessProbe())
                        .map(probe -> probe.getHttpGet().getPort().getStrVal()))
                .containsOnly("management");
        assertThat(env(pod, "NEXUS_OAUTH_REFRESH_LIVENESS_WINDOW")).isEqualTo("20s");
        assertThat(env(pod, "NEXUS_OAUTH_REFRESH_TERMINATION_GRACE")).isEqualTo("95s");
        assertThat(env(pod, "QUARKUS_SHUTDOWN_DELAY")).isEqualTo("15s");
    }

    /** The service refuses to start with keys that everybody may read. */
    @Test
    void whatIsSecretIsForTheServiceAlone() throws IOException {
        PodSpec pod = server(ALL);
        assertThat(pod.getSecurityContext().getFsGroup()).isEqualTo(10001L);
        assertThat(pod.getVolumes().stream()
                        .filter(volume -> volume.getSecret() != null)
                        .map(volume -> volume.getSecret().getDefaultMode()))
                .hasSizeGreaterThanOrEqualTo(6)
                .containsOnly(0440);
        assertThat(pod.getVolumes().stream()
                        .filter(volume -> volume.getProjected() != null)
                        .map(volume -> volume.getProjected().getDefaultMode()))
                .hasSize(3)
                .containsOnly(0440);
    }

    @Test
    void theDatabaseHasToProveWhoItIs() throws IOException {
        String unproven = Chart.REQUIRED.replace("?sslmode=verify-full", "?sslmode=require");
        assertThatThrownBy(() -> chart.text(unproven)).hasMessageContaining("sslmode=verify-full");
        assertThatThrownBy(
                        () -> chart.text(Chart.REQUIRED.replace(", ca: {existingSecret: nexus-oauth-database-ca}", "")))
                .hasMessageContaining("database.ca");
        assertThat(chart.text(unproven + "config: {nexus.oauth.startup.accept: [quarkus.datasource.reactive.url,"
                        + " quarkus.datasource.jdbc.url]}\n"))
                .contains("nexus.oauth.startup.accept=quarkus.datasource.reactive.url,quarkus.datasource.jdbc.url");
        PodSpec pod = server(Chart.REQUIRED);
        assertThat(env(pod, "QUARKUS_DATASOURCE_JDBC_URL"))
                .isEqualTo("jdbc:postgresql://db.internal:5432/nexus?sslmode=verify-full"
                        + "&sslrootcert=/etc/nexus-oauth/database-ca/ca.crt");
        assertThat(env(pod, "QUARKUS_DATASOURCE_REACTIVE_HOSTNAME_VERIFICATION_ALGORITHM"))
                .isEqualTo("HTTPS");
        PodSpec job = podSpec(
                KubernetesSchema.read(Chart.of("Job", chart.objects(ALL)).getFirst()));
        assertThat(job.getContainers().getFirst().getVolumeMounts())
                .anyMatch(mount -> mount.getMountPath().equals("/etc/nexus-oauth/database-ca"));
    }

    @Test
    void keysAreUnwrappedAndCallersCertifiedByWhomTheOperatorNames() throws IOException {
        assertThatThrownBy(() -> chart.text(Chart.REQUIRED + "tls: {existingSecret: a, clientCertificates: request}"))
                .hasMessageContaining("tls.clientCaSecret");
        List<Map<String, Object>> objects = chart.objects(ALL);
        assertThat(Chart.YAML.writeValueAsString(Chart.of("ConfigMap", objects)))
                .contains(
                        "nexus.oauth.encryption.transit.url=https://vault.vault.svc:8200",
                        "nexus.oauth.encryption.transit.kubernetes-token-file=/var/run/secrets/nexus-oauth/transit/token",
                        "nexus.oauth.encryption.transit.ca-file=/etc/nexus-oauth/transit-ca/ca.crt",
                        "quarkus.tls.api.trust-store.pem.certs=/etc/nexus-oauth/client-ca/ca.crt",
                        "nexus.oauth.access.client-certificates=request");
        assertThat(Chart.at(Chart.of("Service", objects).getFirst(), "/spec/ports"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.list(Map.class))
                .extracting(port -> port.get("targetPort"))
                .containsExactly("http", "https");
        assertThat(Chart.YAML.writeValueAsString(policy(objects))).contains("8200", "https");
        // no token of the service account is where every process looks for one
        assertThat(server(ALL).getAutomountServiceAccountToken()).isFalse();
    }

    @Test
    void onlyWhatBrowsersNeedIsPublic() throws IOException {
        List<Map<String, Object>> objects = chart.objects(ALL);
        Map<String, Object> ingress = Chart.of("Ingress", objects).getFirst();
        Map<String, Object> route = Chart.of("HTTPRoute", objects).getFirst();
        assertThat(Chart.YAML.writeValueAsString(ingress))
                .contains("oauth.example.com")
                .doesNotContain("/api", "9000");
        assertThat(Chart.at(ingress, "/spec/rules/0/http/paths"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.list(Map.class))
                .extracting(path -> path.get("path"))
                .containsExactly("/connect", "/callback", "/assets");
        assertThat(Chart.YAML.writeValueAsString(route))
                .contains("nexus-oauth-public")
                .doesNotContain("/api");
        assertThat(Chart.of("Service", objects).stream().map(each -> Chart.at(each, "/metadata/name")))
                .containsExactlyInAnyOrder("nexus-oauth", "nexus-oauth-public", "nexus-oauth-management");
    }

    @Test
    void theNetworkIsShutButForWhatIsNamed() throws IOException {
        Map<String, Object> policy =
                Chart.of("NetworkPolicy", chart.objects(Chart.REQUIRED)).getFirst();
        assertThat(Chart.at(policy, "/spec/policyTypes")).isEqualTo(List.of("Ingress", "Egress"));
        String text = Chart.YAML.writeValueAsString(Chart.at(policy, "/spec/egress"));
        assertThat(text).contains("5432", "53", "443", "169.254.0.0/16", "10.0.0.0/8");
        assertThat(Chart.at(policy, "/spec/ingress/0/from"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.list(Map.class))
                .isNotEmpty()
                .doesNotContain(Map.of());
    }

    /** Port 53 at any address would be a way out for everything that a pod knows. */
    @Test
    void namesAreResolvedInTheClusterOnly() throws IOException {
        List<Object> ports = List.of(Map.of("port", 53, "protocol", "UDP"), Map.of("port", 53, "protocol", "TCP"));
        List<Object> cache = List.of(Map.of("ipBlock", Map.of("cidr", "169.254.20.10/32")));

        assertThat(egress(Chart.REQUIRED))
                .contains(Map.of("to", List.of(Map.of("namespaceSelector", Map.of())), "ports", ports));
        assertThat(egress(Chart.REQUIRED, "networkPolicy: {dns: [{ipBlock: {cidr: 169.254.20.10/32}}]}"))
                .contains(Map.of("to", cache, "ports", ports));
    }

    @Test
    void theMigrationGetsToNamesAndTheDatabaseOnly() throws IOException {
        List<Map<String, Object>> policies =
                Chart.of("NetworkPolicy", chart.objects(Chart.REQUIRED, "migration: {mode: job}"));
        assertThat(policies).hasSize(2);
        Map<String, Object> policy = policies.stream()
                .filter(each -> "nexus-oauth-migration".equals(Chart.at(each, "/metadata/name")))
                .findFirst()
                .orElseThrow();

        assertThat(Chart.at(policy, "/spec/podSelector/matchLabels/app.kubernetes.io~1component"))
                .isEqualTo("migration");
        assertThat(Chart.at(policy, "/spec/policyTypes")).isEqualTo(List.of("Ingress", "Egress"));
        assertThat(Chart.at(policy, "/spec/ingress")).isNull();
        assertThat(Chart.at(policy, "/spec/egress/0/ports/0/port")).isEqualTo(53);
        assertThat(Chart.at(policy, "/spec/egress/1")).isEqualTo(rule(5432, null));
        assertThat(Chart.at(policy, "/spec/egress/2")).isNull();
        assertThat(Chart.at(policy, "/metadata/annotations/" + Chart.HOOK.replace("/", "~1")))
                .isEqualTo("pre-install,pre-upgrade");
        assertThat(chart.text(Chart.REQUIRED, "migration: {mode: job}\nnetworkPolicy: {enabled: false}"))
                .doesNotContain("kind: NetworkPolicy");
    }

    @Test
    void theKeyServiceAndTheCollectorAreReachedWhereTheyAre() throws IOException {
        String transit = Chart.REQUIRED + "transit: {url: 'https://vault.example.com'}\n";
        String tracing = Chart.REQUIRED + "tracing: {endpoint: 'https://collector.example.com/otlp'}\n";
        assertThatThrownBy(() -> chart.text(transit))
                .hasMessageContainingAll("networkPolicy.transit", "https://vault.example.com", "443");
        assertThatThrownBy(() -> chart.text(tracing)).hasMessageContaining("networkPolicy.tracing");
        assertThat(chart.text(transit, "networkPolicy: {enabled: false}")).doesNotContain("kind: NetworkPolicy");
        List<Object> peers = List.of(Map.of("ipBlock", Map.of("cidr", "192.0.2.7/32")));
        String named = "[{ipBlock: {cidr: 192.0.2.7/32}}]";
        assertThat(egress(transit, "networkPolicy: {transit: " + named + "}")).contains(rule(443, peers));
        assertThat(egress(tracing, "networkPolicy: {tracing: " + named + "}")).contains(rule(443, peers));
        assertThat(egress(Chart.REQUIRED, "tracing: {endpoint: 'http://collector.observability'}"))
                .contains(rule(80, null));
        assertThat(egress(ALL)).contains(rule(4317, null), rule(8200, null));
    }

    /** Providers through a proxy: its port is open, its credentials are a file, and the API server is reached without it. */
    @Test
    void theForwardProxyIsReachedWhereItIs() throws IOException {
        String proxy =
                Chart.REQUIRED + "forwardProxy: {url: 'http://proxy.corp:3128', existingSecret: forward-proxy}\n";
        assertThat(chart.text(proxy, "networkPolicy: {forwardProxy: [{ipBlock: {cidr: 10.9.8.7/32}}]}"))
                .contains(
                        "nexus.oauth.providers.proxy.url=http://proxy.corp:3128",
                        "nexus.oauth.providers.proxy.credentials-file=/etc/nexus-oauth/forward-proxy/credentials",
                        "nexus.oauth.providers.proxy.no-proxy=.svc,.cluster.local",
                        "nexus.oauth.providers.proxy.connect-by=name");
        assertThat(egress(proxy, "networkPolicy: {forwardProxy: [{ipBlock: {cidr: 10.9.8.7/32}}]}"))
                .contains(rule(3128, List.of(Map.of("ipBlock", Map.of("cidr", "10.9.8.7/32")))));
        assertThat(egress(ALL)).contains(rule(3128, null));
        assertThatThrownBy(() -> chart.text(Chart.REQUIRED, "forwardProxy: {url: 'http://proxy.example.com:443'}"))
                .hasMessageContainingAll("networkPolicy.forwardProxy", "443");
        assertThat(server(proxy).getContainers().getFirst().getVolumeMounts())
                .anySatisfy(mount -> assertThat(mount.getMountPath()).isEqualTo("/etc/nexus-oauth/forward-proxy"));
        assertThat(chart.text(Chart.REQUIRED)).doesNotContain("providers.proxy", "forward-proxy");
    }

    /** An issuer on the internet is reached as providers are. */
    @Test
    void theKeysOfServiceAccountsComeFromTheApiServer() throws IOException {
        String inside = Chart.REQUIRED + "serviceAccountIssuer: {enabled: true}\n";
        assertThatThrownBy(() -> chart.text(inside)).hasMessageContaining("networkPolicy.apiServer");
        assertThat(chart.text(inside, "networkPolicy: {enabled: false}")).doesNotContain("kind: NetworkPolicy");
        assertThat(chart.text(
                        Chart.REQUIRED,
                        "serviceAccountIssuer: {enabled: true, issuer: 'https://oidc.example.com/id/1'}"))
                .contains("oidc.example.com");
        assertThat(egress(inside, "networkPolicy: {apiServer: [{ipBlock: {cidr: 192.0.2.1/32}}]}"))
                .contains(Map.of(
                        "to", List.of(Map.of("ipBlock", Map.of("cidr", "192.0.2.1/32"))),
                        "ports",
                                List.of(
                                        Map.of("port", 443, "protocol", "TCP"),
                                        Map.of("port", 6443, "protocol", "TCP"))));
    }

    private static List<Object> egress(String... values) throws IOException {
        Object rules = Chart.at(policy(chart.objects(values)), "/spec/egress");
        return List.copyOf((List<?>) rules);
    }

    /** The policy of the service; the migration may have another. */
    private static Map<String, Object> policy(List<Map<String, Object>> objects) {
        return Chart.of("NetworkPolicy", objects).stream()
                .filter(each -> "nexus-oauth".equals(Chart.at(each, "/metadata/name")))
                .findFirst()
                .orElseThrow();
    }

    private static Map<String, Object> rule(int port, @Nullable List<Object> peers) {
        List<Object> ports = List.of(Map.of("port", port, "protocol", "TCP"));
        return peers == null ? Map.of("ports", ports) : Map.of("to", peers, "ports", ports);
    }

    @Test
    void theMigrationIsAJobOrAtTheStart() throws IOException {
        assertThat(Chart.of("Job", chart.objects(Chart.REQUIRED))).isEmpty();
        assertThat(env(server(Chart.REQUIRED), "QUARKUS_FLYWAY_MIGRATE_AT_START"))
                .isNull();
        Map<String, Object> job = Chart.of("Job", chart.objects(ALL)).getFirst();
        assertThat(Chart.at(job, "/metadata/annotations/" + Chart.HOOK.replace("/", "~1")))
                .isEqualTo("pre-install,pre-upgrade");
        PodSpec pod = podSpec(KubernetesSchema.read(job));
        assertThat(env(pod, "QUARKUS_INIT_AND_EXIT")).isEqualTo("true");
        // a hook runs before anything else of the chart is there
        assertThat(pod.getServiceAccountName()).isNull();
        assertThat(pod.getVolumes())
                .filteredOn(volume -> volume.getConfigMap() != null)
                .extracting(volume -> volume.getConfigMap().getName())
                .containsExactly("nexus-oauth-migration");
        assertThat(env(server(ALL), "QUARKUS_FLYWAY_MIGRATE_AT_START")).isEqualTo("false");
        assertThat(env(server(ALL), "QUARKUS_FLYWAY_VALIDATE_AT_START")).isEqualTo("true");
    }

    @Test
    void theMigrationHasTheSettingsOfTheServiceAndNothingThatComesLater() throws IOException {
        List<Map<String, Object>> objects = chart.objects(ALL, "serviceAccount: {create: false, name: mine}");
        PodSpec pod = podSpec(KubernetesSchema.read(Chart.of("Job", objects).getFirst()));
        assertThat(pod.getServiceAccountName()).isEqualTo("mine");
        assertThat(env(pod, "TZ")).isEqualTo("UTC");
        assertThat(env(pod, "SMALLRYE_CONFIG_LOCATIONS")).isEqualTo("/etc/nexus-oauth/config/application.properties");
        assertThat(pod.getContainers().getFirst().getVolumeMounts())
                .anyMatch(mount -> mount.getMountPath().equals("/etc/nexus-oauth/config"));
        Map<String, Object> config = Chart.of("ConfigMap", objects).stream()
                .filter(each -> "nexus-oauth-migration".equals(Chart.at(each, "/metadata/name")))
                .findFirst()
                .orElseThrow();
        assertThat(Chart.at(config, "/metadata/annotations"))
                .asInstanceOf(org.assertj.core.api.InstanceOfAssertFactories.MAP)
                .containsEntry(Chart.HOOK, "pre-install,pre-upgrade")
                .containsEntry(Chart.HOOK + "-weight", "-1");
        assertThat(Chart.at(config, "/data/application.properties").toString())
                .contains("nexus.oauth.refresh.concurrency=64")
                .doesNotContain("/etc/nexus-oauth/");
        List<Map<String, Object>> without = chart.objects(Chart.REQUIRED, "migration: {mode: job}");
        assertThat(Chart.of("ConfigMap", without)).hasSize(1);
        assertThat(podSpec(KubernetesSchema.read(Chart.of("Job", without).getFirst()))
                        .getVolumes())
                .noneMatch(volume -> volume.getName().equals("config"));
    }

    @Test
    void aVolumeOfSecretsIsMountedForAnAccountThatIsThere() throws IOException {
        String csi = Files.readString(Chart.DIRECTORY.resolve("values/vault-csi.yaml"));
        String job = "migration: {mode: job}";
        assertThatThrownBy(() -> chart.text(csi, job)).hasMessageContaining("serviceAccount.create");
        assertThatThrownBy(() -> chart.text(csi, "secretProperties: [{property: a, existingSecret: b, key: c}]"))
                .hasMessageContaining("secretProperties");
        PodSpec pod = podSpec(KubernetesSchema.read(
                Chart.of("Job", chart.objects(csi, job, "serviceAccount: {create: false, name: mine}"))
                        .getFirst()));
        assertThat(pod.getVolumes()).anyMatch(volume -> volume.getCsi() != null);
    }

    @Test
    void oneValueSwitchesTracingOn() throws IOException {
        assertThat(env(server(Chart.REQUIRED), "QUARKUS_OTEL_SDK_DISABLED")).isNull();
        PodSpec pod = server(ALL);
        assertThat(env(pod, "QUARKUS_OTEL_SDK_DISABLED")).isEqualTo("false");
        assertThat(env(pod, "QUARKUS_OTEL_EXPORTER_OTLP_ENDPOINT")).isEqualTo("http://collector.observability:4317");
    }

    @Test
    void settingsReachTheServiceAsProperties() throws IOException {
        Map<String, Object> config = Chart.of("ConfigMap", chart.objects(ALL)).stream()
                .filter(each -> "nexus-oauth".equals(Chart.at(each, "/metadata/name")))
                .findFirst()
                .orElseThrow();
        assertThat(Chart.at(config, "/data/application.properties")
                        .toString()
                        .strip()
                        .lines())
                .contains(
                        "nexus.oauth.refresh.concurrency=64",
                        "nexus.oauth.connect.return-urls=https://a.example/,https://b.example/",
                        "nexus.oauth.clients.google.provider=google",
                        "nexus.oauth.clients.google.client-secret-file=/etc/nexus-oauth/clients/google/client-secret",
                        "nexus.oauth.clients.google.scopes=openid,email",
                        "nexus.oauth.access.policy-file=/etc/nexus-oauth/access/policies.yaml",
                        "nexus.oauth.access.issuers.kubernetes.token-file=/var/run/secrets/nexus-oauth/issuer/token");
    }

    /** Helm reads every number as a float. */
    @Test
    void largeNumbersAreWrittenOut() throws IOException {
        assertThat(chart.text(Chart.REQUIRED + """
                        config: {nexus.oauth.limits.credentials-per-tenant: 2000000, a.list: [3000000, b, true], a.share: 0.25}
                        clients: {google: {clientId: mine, vars: {number: 4000000}}}
                        """))
                .contains(
                        "nexus.oauth.limits.credentials-per-tenant=2000000\n",
                        "a.list=3000000,b,true\n",
                        "a.share=0.25\n",
                        "nexus.oauth.clients.google.vars.number=4000000\n");
    }

    @Test
    void theDigestWinsOverTheTag() throws IOException {
        String digest = "sha256:" + "a".repeat(64);
        assertThat(server(Chart.REQUIRED + "image: {repository: r.example/nexus-oauth, tag: '1', digest: '" + digest
                                + "'}")
                        .getContainers()
                        .getFirst()
                        .getImage())
                .isEqualTo("r.example/nexus-oauth@" + digest);
    }

    /** Values that are ready for a database, for the way in and for the sign-in; those without a database lie over others. */
    @ParameterizedTest
    @ValueSource(
            strings = {"cloudnative-pg", "amazon-rds", "google-cloud-sql", "ingress-nginx", "gateway-api", "sign-in"})
    void theReadyValuesAreObjectsOfKubernetesAndTheirPodsAreRestricted(String name) throws IOException {
        String own = Files.readString(Chart.DIRECTORY.resolve("values").resolve(name + ".yaml"));
        String[] values = own.contains("\ndatabase:") ? new String[] {own} : new String[] {Chart.REQUIRED, own};
        assertThat(chart.lint(values)).isEmpty();
        List<Map<String, Object>> objects = chart.objects(values);
        assertThat(Chart.of("Secret", objects)).isEmpty();
        assertThat(objects.stream().filter(each -> !"Cluster".equals(each.get("kind"))))
                .hasSizeGreaterThan(8)
                .allSatisfy(KubernetesSchema::read);
        assertThat(pods(objects).map(KubernetesSchema::read).map(ChartTest::podSpec))
                .allSatisfy(pod -> assertThat(RestrictedProfile.violations(pod)).isEmpty());
        // every file that a setting names is in a volume that is mounted
        PodSpec pod = server(values);
        Map<String, Object> config = Chart.of("ConfigMap", objects).getFirst();
        Chart.at(config, "/data/application.properties")
                .toString()
                .lines()
                .filter(line -> line.contains("-file=/"))
                .map(line -> line.substring(line.indexOf('=') + 1))
                .forEach(file -> assertThat(pod.getContainers().getFirst().getVolumeMounts())
                        .anyMatch(mount -> file.startsWith(mount.getMountPath() + "/") && mount.getReadOnly()));
    }

    @Test
    void theReadyDatabasesAreWhatThePodsAndTheNetworkPolicyReach() throws IOException {
        String postgres = Files.readString(Chart.DIRECTORY.resolve("values/cloudnative-pg.yaml"));
        Map<String, Object> cluster =
                Chart.of("Cluster", chart.objects(postgres)).getFirst();
        // the operator names Service, Secrets and label after the cluster
        Object name = Chart.at(cluster, "/metadata/name");
        assertThat(postgres).contains("//" + name + "-rw:5432/nexus?sslmode=verify-full");
        assertThat(postgres).contains("existingSecret: " + name + "-app", "existingSecret: " + name + "-ca");
        assertThat(postgres).contains("cnpg.io/cluster: " + name + "}");
        assertThat(Chart.at(cluster, "/spec/postgresql/synchronous/number")).isEqualTo(1);

        String cloud = Files.readString(Chart.DIRECTORY.resolve("values/google-cloud-sql.yaml"));
        var proxy = server(cloud).getInitContainers().getFirst();
        assertThat(proxy.getRestartPolicy()).isEqualTo("Always");
        assertThat(proxy.getArgs()).contains("--port=5432", "--auto-iam-authn");
        assertThat(env(server(cloud), "QUARKUS_DATASOURCE_REACTIVE_URL")).contains("//127.0.0.1:5432/");
        assertThat(Chart.YAML.writeValueAsString(Chart.of("NetworkPolicy", chart.objects(cloud))))
                .contains("10.1.2.3/32", "3307", "169.254.169.254/32");
    }

    @Test
    void theReadyGatewayIsTheOneOfTheRoute() throws IOException {
        String values = Files.readString(Chart.DIRECTORY.resolve("values/gateway-api.yaml"));
        List<Map<String, Object>> objects = chart.objects(Chart.REQUIRED, values);
        Map<String, Object> gateway = Chart.of("Gateway", objects).getFirst();
        Map<String, Object> route = Chart.of("HTTPRoute", objects).getFirst();
        assertThat(Chart.at(route, "/spec/parentRefs/0/name")).isEqualTo(Chart.at(gateway, "/metadata/name"));
        assertThat(Chart.at(route, "/spec/parentRefs/0/sectionName"))
                .isEqualTo(Chart.at(gateway, "/spec/listeners/0/name"));
        assertThat(Chart.at(gateway, "/spec/listeners/0/hostname"))
                .isEqualTo(Chart.at(route, "/spec/hostnames/0"))
                .isEqualTo("oauth.example.com");
    }

    @ParameterizedTest
    @ValueSource(strings = {"external-secrets", "vault-csi", "sealed-secrets"})
    void theReadyValuesRenderAndNoSecretStandsInThem(String name) throws IOException {
        String values = Files.readString(Chart.DIRECTORY.resolve("values").resolve(name + ".yaml"));
        assertThat(chart.lint(values)).isEmpty();
        List<Map<String, Object>> objects = chart.objects(values);
        assertThat(Chart.of("Secret", objects)).isEmpty();
        PodSpec pod = server(values);
        assertThat(RestrictedProfile.violations(pod)).isEmpty();
        // every file that the service is told of is in a volume that is mounted
        String key = env(pod, "NEXUS_OAUTH_ENCRYPTION_KEY_FILES");
        assertThat(pod.getContainers().getFirst().getVolumeMounts())
                .anyMatch(mount -> key.startsWith(mount.getMountPath() + "/") && mount.getReadOnly());
        assertThat(objects.stream().map(each -> each.get("kind")))
                .containsAnyOf("ExternalSecret", "SecretProviderClass", "SealedSecret");
        // made by the operator under the name that is mounted
        assertThat(pod.getVolumes().stream()
                        .filter(volume -> volume.getSecret() != null)
                        .map(volume -> volume.getSecret().getSecretName()))
                .allSatisfy(secret -> assertThat(objects)
                        .anyMatch(each -> secret.equals(Chart.at(each, "/metadata/name"))
                                && each.get("kind").toString().endsWith("Secret")));
    }
}
