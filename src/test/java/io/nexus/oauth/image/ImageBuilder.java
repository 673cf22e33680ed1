package io.nexus.oauth.image;

import com.google.cloud.tools.jib.api.Containerizer;
import com.google.cloud.tools.jib.api.Jib;
import com.google.cloud.tools.jib.api.JibContainer;
import com.google.cloud.tools.jib.api.TarImage;
import com.google.cloud.tools.jib.api.buildplan.AbsoluteUnixPath;
import com.google.cloud.tools.jib.api.buildplan.FileEntriesLayer;
import com.google.cloud.tools.jib.api.buildplan.FilePermissions;
import com.google.cloud.tools.jib.api.buildplan.ImageFormat;
import com.google.cloud.tools.jib.api.buildplan.Platform;
import com.google.cloud.tools.jib.api.buildplan.Port;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Puts the image together and writes it as a tar that {@code docker load}, {@code podman load}, {@code skopeo} and {@code crane push}
 * read. It stands on nothing that has to be fetched: a Java runtime made by jlink from the JDK of the build, and of the build machine's
 * system the C library only. Layers change rarely first: system, runtime, libraries, application, AOT cache.
 *
 * <p>Beside the image it writes what else a release has: the chart, as an archive and as an OCI layout, and the command line.
 *
 * <p>Arguments: the folder {@code quarkus-app}, the folder to work in, the version, the bill of materials, the folder of the chart, the
 * folder of the command line.
 */
public final class ImageBuilder {

    static final String USER = "10001";
    static final String NAME = "nexus-oauth";

    /** One time for every file: the AOT cache counts only while the jars are as old as they were, and layers stay equal. */
    private static final Instant TIME = Instant.parse("2026-01-01T00:00:00Z");

    private final Path root;
    private final Path tar;
    private final String version;

    private ImageBuilder(Path directory, String version) {
        this.root = directory.resolve("root");
        this.tar = directory.resolve(NAME + ".tar");
        this.version = version;
    }

    /** Builds it. */
    public static void main(String[] arguments) throws Exception {
        Path directory = Path.of(arguments[1]).toAbsolutePath();
        ImageBuilder builder = new ImageBuilder(directory, arguments[2]);
        Runtimes.delete(directory);
        Runtimes.link(builder.root.resolve("opt/java"));
        Runtimes.system(builder.root, USER);
        Application.stage(Path.of(arguments[0]), builder.root.resolve("app"), Path.of(arguments[3]));
        builder.touchAll();
        Training.record(builder.root, directory.resolve("training"));
        builder.touchAll();
        JibContainer image = builder.write();
        System.out.printf(
                "image %s: %d MB, manifest %s%n", builder.tar, Files.size(builder.tar) >> 20, image.getDigest());
        builder.release(directory, Path.of(arguments[4]), Path.of(arguments[5]));
    }

    /** The chart, the command line, and the sums of all files of the release. */
    private void release(Path directory, Path chart, Path cli) throws IOException {
        Path layout = directory.resolve("chart");
        ChartLayout.Written written = ChartLayout.write(chart, layout, TIME);
        System.out.printf("chart %s:%s, manifest %s%n", layout, written.version(), written.digest());
        String name = "nexus-cli-" + version;
        Path commandLine = Files.write(directory.resolve(name + ".tar.gz"), Archive.of(Archive.files(cli, name), TIME));
        StringBuilder sums = new StringBuilder();
        for (Path file : List.of(tar, written.archive(), commandLine)) {
            String sum = Archive.sha256(file);
            sums.append(sum).append("  ").append(file.getFileName()).append('\n');
            System.out.printf("%s  %s%n", sum, file);
        }
        Files.writeString(directory.resolve("SHA256SUMS"), sums);
    }

    private void touchAll() throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            for (Path file : files.filter(each -> !Files.isSymbolicLink(each)).toList()) {
                Files.setLastModifiedTime(file, java.nio.file.attribute.FileTime.from(TIME));
            }
        }
    }

    private JibContainer write() throws Exception {
        String arch = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        return Jib.fromScratch()
                .setFormat(ImageFormat.Docker)
                .setPlatforms(Set.of(new Platform(arch, "linux")))
                .setCreationTime(TIME)
                .addFileEntriesLayer(layer("system", "lib", "lib64", "usr", "etc", "tmp", "var"))
                .addFileEntriesLayer(layer("runtime", "opt"))
                .addFileEntriesLayer(layer("libraries", "app/lib"))
                .addFileEntriesLayer(
                        layer("application", "app/quarkus", "app/app", "app/java.args", "app/sbom.cdx.json"))
                .addFileEntriesLayer(layer("aot-cache", "app/app.aot"))
                .setUser(USER + ":" + USER)
                .setWorkingDirectory(AbsoluteUnixPath.get("/app"))
                .setExposedPorts(Set.of(Port.tcp(8080), Port.tcp(9000)))
                .setEnvironment(Map.of(
                        "PATH", "/opt/java/bin",
                        "JAVA_HOME", "/opt/java",
                        "LANG", "C.UTF-8",
                        "HOME", "/var/lib/nexus-oauth",
                        "QUARKUS_HTTP_HOST", "0.0.0.0",
                        "QUARKUS_MANAGEMENT_HOST", "0.0.0.0",
                        "NEXUS_OAUTH_EMBEDDED_ENABLED", "false"))
                .setLabels(Map.of(
                        "org.opencontainers.image.title", "Nexus OAuth",
                        "org.opencontainers.image.version", version,
                        "org.opencontainers.image.licenses", "Apache-2.0"))
                .setEntrypoint(List.of("java", "@java.args"))
                .containerize(Containerizer.to(TarImage.at(tar).named(NAME + ":" + version))
                        .setOfflineMode(true)
                        .setBaseImageLayersCache(tar.resolveSibling("jib-base"))
                        .setApplicationLayersCache(tar.resolveSibling("jib-layers")));
    }

    private FileEntriesLayer layer(String name, String... paths) throws IOException {
        FileEntriesLayer.Builder layer = FileEntriesLayer.builder().setName(name);
        for (String path : paths) {
            Path start = root.resolve(path);
            if (!Files.exists(start)) {
                continue;
            }
            try (Stream<Path> files = Files.walk(start)) {
                for (Path file : files.sorted().toList()) {
                    layer.addEntry(
                            file,
                            AbsoluteUnixPath.get("/" + root.relativize(file)),
                            FilePermissions.fromOctalString(mode(file)),
                            TIME,
                            owner(file));
                }
            }
        }
        return layer.build();
    }

    /** Only what the service writes to is its own; all else is root's and cannot be changed by it. */
    private String owner(Path file) {
        return file.startsWith(root.resolve("var/lib/nexus-oauth")) ? USER + ":" + USER : "0:0";
    }

    private String mode(Path file) throws IOException {
        if (file.equals(root.resolve("tmp"))) {
            return "777";
        }
        if (Files.isDirectory(file)) {
            return "755";
        }
        boolean executable = PosixFilePermissions.toString(Files.getPosixFilePermissions(file))
                        .charAt(2)
                == 'x';
        return executable ? "755" : "644";
    }
}
