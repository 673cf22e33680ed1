package io.nexus.oauth.deploy;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.SecurityContext;
import io.fabric8.kubernetes.api.model.Volume;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;

/** The controls of Pod Security "restricted" (Kubernetes documentation, Pod Security Standards), and three that we add. */
final class RestrictedProfile {

    private static final Set<String> SECCOMP = Set.of("RuntimeDefault", "Localhost");

    private final List<String> violations = new ArrayList<>();

    private RestrictedProfile() {}

    /** What is against the profile; empty when nothing is. */
    static List<String> violations(PodSpec pod) {
        RestrictedProfile profile = new RestrictedProfile();
        profile.pod(pod);
        Stream.of(pod.getInitContainers(), pod.getContainers())
                .flatMap(List::stream)
                .forEach(container -> profile.container(pod, container));
        return profile.violations;
    }

    private void check(boolean holds, String what) {
        if (!holds) {
            violations.add(what);
        }
    }

    private static boolean yes(Boolean value) {
        return Boolean.TRUE.equals(value);
    }

    private void pod(PodSpec pod) {
        check(!yes(pod.getHostNetwork()) && !yes(pod.getHostPID()) && !yes(pod.getHostIPC()), "host namespaces");
        check(Boolean.FALSE.equals(pod.getAutomountServiceAccountToken()), "service account token"); // ours
        for (Volume volume : pod.getVolumes()) {
            boolean allowed = Stream.of(
                            volume.getConfigMap(),
                            volume.getCsi(),
                            volume.getDownwardAPI(),
                            volume.getEmptyDir(),
                            volume.getEphemeral(),
                            volume.getPersistentVolumeClaim(),
                            volume.getProjected(),
                            volume.getSecret())
                    .anyMatch(Objects::nonNull);
            check(allowed, "volume type of " + volume.getName());
        }
        PodSecurityContext context = pod.getSecurityContext();
        if (context != null) {
            check(context.getSysctls().isEmpty(), "sysctls");
            check(
                    context.getSeLinuxOptions() == null && context.getWindowsOptions() == null,
                    "SELinux or Windows options");
        }
    }

    private void container(PodSpec pod, Container container) {
        String name = container.getName() + ": ";
        SecurityContext own = Objects.requireNonNullElseGet(container.getSecurityContext(), SecurityContext::new);
        PodSecurityContext common = Objects.requireNonNullElseGet(pod.getSecurityContext(), PodSecurityContext::new);
        check(!yes(own.getPrivileged()), name + "privileged");
        check(Boolean.FALSE.equals(own.getAllowPrivilegeEscalation()), name + "privilege escalation");
        check(
                own.getCapabilities() != null
                        && own.getCapabilities().getDrop().contains("ALL")
                        && Set.of("NET_BIND_SERVICE")
                                .containsAll(own.getCapabilities().getAdd()),
                name + "capabilities");
        Boolean nonRoot = own.getRunAsNonRoot() == null ? common.getRunAsNonRoot() : own.getRunAsNonRoot();
        check(yes(nonRoot), name + "may run as root");
        Long user = own.getRunAsUser() == null ? common.getRunAsUser() : own.getRunAsUser();
        check(user == null || user != 0, name + "runs as root");
        var seccomp = own.getSeccompProfile() == null ? common.getSeccompProfile() : own.getSeccompProfile();
        check(seccomp != null && SECCOMP.contains(seccomp.getType()), name + "seccomp");
        check(own.getProcMount() == null || own.getProcMount().equals("Default"), name + "/proc");
        check(
                container.getPorts().stream().allMatch(port -> port.getHostPort() == null || port.getHostPort() == 0),
                name + "host ports");
        check(yes(own.getReadOnlyRootFilesystem()), name + "writable root"); // ours
        check(
                container.getEnv().stream()
                                .noneMatch(each -> each.getValueFrom() != null
                                        && each.getValueFrom().getSecretKeyRef() != null)
                        && container.getEnvFrom().stream().noneMatch(each -> each.getSecretRef() != null),
                name + "a secret in the environment"); // ours
    }
}
