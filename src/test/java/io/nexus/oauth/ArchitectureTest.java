package io.nexus.oauth;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.Dependency;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaConstructorCall;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.nexus.oauth.access.caller.Caller;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The rooms, the arrows between them, and the rules of the house that a compiler does not know. */
@AnalyzeClasses(packages = "io.nexus.oauth", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    private static final String ROOT = "io.nexus.oauth";

    /**
     * The arrows between the rooms: each room, and the rooms that it may use. A sub-room is a room of its own. The code must have no
     * other arrow, and each arrow must be in the code.
     */
    private static final String ARROWS = """
            credential         ->
            event              -> credential
            api                ->
            crypto             -> credential crypto.wrapping
            crypto.wrapping    -> credential
            provider           -> credential provider.assertion provider.catalogue provider.egress provider.entry
                                  provider.metadata provider.oidc provider.reply
            provider.assertion -> credential
            provider.catalogue -> credential provider.egress provider.entry
            provider.egress    -> provider.assertion
            provider.entry     ->
            provider.metadata  -> provider.assertion provider.catalogue provider.egress provider.reply provider.entry
            provider.oidc      -> credential provider.catalogue provider.egress provider.reply
            provider.reply     -> credential provider.catalogue provider.egress provider.entry
            store              -> credential store.audit store.connection store.execution
            store.access       -> credential store.audit store.connection store.execution
            store.audit        -> credential event store.connection store.execution
            store.connection   -> credential store.execution
            store.execution    -> credential
            store.journal      -> credential
            store.keys         -> credential store.audit store.connection store.execution
            keys               -> credential crypto event store.audit store.connection store.execution
                                  store.journal store.keys
            token              -> credential crypto event keys provider provider.catalogue provider.reply store
                                  store.execution token.client token.grant token.refresh
            token.client       -> credential crypto event keys provider provider.assertion provider.oidc
                                  provider.reply store token.grant provider.entry
            token.exchange     -> credential crypto event keys provider provider.entry provider.reply store.execution
                                  token.client token.grant
            token.grant        -> credential crypto event keys provider.catalogue provider.reply store
                                  store.audit store.connection store.execution store.journal
            token.machine      -> credential event provider provider.catalogue provider.oidc provider.reply store
                                  store.audit store.execution store.keys token token.client token.grant
            token.refresh      -> credential crypto event provider provider.catalogue provider.reply store
                                  store.connection store.execution token.client token.grant
            connect            -> credential crypto event keys provider provider.catalogue provider.reply store
                                  store.execution token token.client
            connect.theme      -> credential
            audit              -> credential crypto event store.audit store.execution
            access             -> access.caller access.issuer access.policy credential crypto store.access
                                  store.execution
            access.caller      -> credential crypto store.access
            access.issuer      -> access.caller access.policy credential crypto provider.egress
            access.policy      -> access.caller credential crypto event store.access store.audit store.execution
            monitor            -> access.policy crypto event monitor.metrics store.connection store.journal
            monitor.metrics    -> access access.issuer access.policy crypto event provider.egress
                                  store.connection store.execution store.journal
            monitor.startup    -> access.issuer access.policy connect.theme credential crypto provider provider.assertion
                                  provider.catalogue provider.entry
            rest               -> access access.caller access.issuer access.policy api audit connect credential
                                  crypto event keys monitor provider provider.assertion provider.catalogue provider.reply token
                                  token.client token.grant token.machine provider.entry
            rest.exchange      -> access access.caller access.issuer audit connect credential crypto provider provider.catalogue
                                  provider.entry provider.reply token token.exchange
            web                -> access access.caller access.issuer api connect credential provider.reply rest web.connect
            web.connect        -> connect connect.theme credential crypto provider provider.catalogue provider.entry provider.reply
            cli                -> api cli.connection cli.terminal cli.transfer
            cli.connection     -> api cli.terminal
            cli.terminal       ->
            cli.transfer       -> api cli.connection cli.terminal
            embedded           ->
            sandbox            -> credential
            """;

    @ArchTest
    static void arrowsAreThoseOfTheTable(JavaClasses classes) {
        Map<String, Set<String>> allowed = arrows();
        Map<String, Set<String>> unused = arrows();
        Set<String> found = new TreeSet<>();
        for (JavaClass each : classes) {
            String from = room(each);
            if (from.isEmpty()) {
                continue; // package-info of the root
            }
            assertThat(allowed).as(each.getName()).containsKey(from);
            for (Dependency dependency : each.getDirectDependenciesFromSelf()) {
                String to = room(dependency.getTargetClass().getBaseComponentType());
                if (to.isEmpty() || to.equals(from)) {
                    continue;
                }
                unused.get(from).remove(to);
                if (!allowed.get(from).contains(to)) {
                    found.add(from + " -> " + to + ": " + dependency.getDescription());
                }
            }
        }
        unused.values().removeIf(Set::isEmpty);
        assertThat(found).as("arrows that the table lacks").isEmpty();
        assertThat(unused).as("arrows that no class uses").isEmpty();
    }

    private static Map<String, Set<String>> arrows() {
        Map<String, Set<String>> arrows = new TreeMap<>();
        String room = "";
        for (String line : ARROWS.lines().toList()) {
            int arrow = line.indexOf("->");
            if (arrow >= 0) {
                room = line.substring(0, arrow).strip();
                arrows.put(room, new TreeSet<>());
            }
            String targets = line.substring(arrow < 0 ? 0 : arrow + 2).strip();
            if (!targets.isEmpty()) {
                arrows.get(room).addAll(List.of(targets.split(" +")));
            }
        }
        return arrows;
    }

    /** The package below the root; empty for the root and for everything that is not ours. */
    private static String room(JavaClass each) {
        String name = each.getPackageName();
        return name.startsWith(ROOT + ".") ? name.substring(ROOT.length() + 1) : "";
    }

    @ArchTest
    static final ArchRule noCyclesBetweenFamilies =
            slices().matching("io.nexus.oauth.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule noCyclesBetweenRooms =
            slices().matching("io.nexus.oauth.(**)").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule twoLevelsOfPackages =
            classes().should().resideInAnyPackage("io.nexus.oauth", "io.nexus.oauth.*", "io.nexus.oauth.*.*");

    /** At most 16 files a room. A list of one noun a file may be longer. */
    @ArchTest
    static void roomsAreNotOverfull(JavaClasses classes) {
        Map<String, Long> sizes =
                types(classes).collect(Collectors.groupingBy(ArchitectureTest::room, Collectors.counting()));
        assertThat(sizes).hasSizeGreaterThan(30);
        sizes.keySet().removeAll(Set.of("api", "rest", "credential", "web", "cli", "sandbox"));
        assertThat(sizes).allSatisfy((room, size) -> assertThat(size).as(room).isLessThanOrEqualTo(16));
    }

    /** One place for all of them, so that no statement forgets a column. */
    @ArchTest
    static void auditEventsAreInsertedInOneRoom(JavaClasses classes) throws IOException {
        Path main = Path.of("src/main/java/io/nexus/oauth");
        try (Stream<Path> files = Files.walk(main)) {
            Set<String> rooms = new TreeSet<>();
            for (Path file :
                    files.filter(each -> each.toString().endsWith(".java")).toList()) {
                if (Files.readString(file).contains("INSERT INTO audit_events")) {
                    rooms.add(main.relativize(file.getParent()).toString());
                }
            }
            assertThat(rooms).containsExactly("store/audit");
        }
    }

    /** A public type is a promise to every other room. */
    @ArchTest
    static void halfOfTheTypesStayInTheirRoom(JavaClasses classes) {
        long all = types(classes).count();
        long hidden = types(classes)
                .filter(each -> !each.getModifiers().contains(JavaModifier.PUBLIC))
                .count();
        assertThat(hidden * 2)
                .as("%d of %d types are package-private", hidden, all)
                .isGreaterThanOrEqualTo(all);
    }

    private static Stream<JavaClass> types(JavaClasses classes) {
        return classes.stream()
                .filter(each -> each.isTopLevelClass() && !each.getSimpleName().equals("package-info"));
    }

    @ArchTest
    static final ArchRule plainCore = classes()
            .that()
            .resideInAnyPackage("io.nexus.oauth.credential", "io.nexus.oauth.event", "io.nexus.oauth.api")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "org.jspecify..",
                    "io.nexus.oauth.credential",
                    "io.nexus.oauth.event",
                    "io.nexus.oauth.api",
                    "com.fasterxml.jackson.annotation..",
                    "jakarta.validation..");

    /** It starts fast because it carries little: no framework, and of the service the wire contract alone. */
    @ArchTest
    static final ArchRule theCommandLineIsAnHttpClient = classes()
            .that()
            .resideInAPackage("io.nexus.oauth.cli..")
            .should()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "javax.net.ssl..",
                    "org.jspecify..",
                    "picocli..",
                    "com.fasterxml.jackson..",
                    "com.macasaet.fernet..",
                    "org.jose4j..",
                    "org.jline.utils..",
                    "io.nexus.oauth.api",
                    "io.nexus.oauth.cli..");

    @ArchTest
    static final ArchRule sqlStaysInStore = noClasses()
            .that()
            .resideOutsideOfPackage("io.nexus.oauth.store..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "jakarta.persistence..", "org.hibernate..", "io.quarkus.hibernate..", "io.vertx..sqlclient..");

    @ArchTest
    static final ArchRule httpServerStaysAtTheEdge = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.nexus.oauth.rest..",
                    "io.nexus.oauth.web..",
                    "io.nexus.oauth.access..",
                    "io.nexus.oauth.cli..",
                    "io.nexus.oauth.sandbox")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jakarta.ws.rs..");

    @ArchTest
    static final ArchRule httpClientStaysInProvider = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.nexus.oauth.provider.egress", "io.nexus.oauth.provider.oidc", "io.nexus.oauth.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.vertx..ext.web.client..",
                    "org.eclipse.microprofile.rest.client..",
                    "java.net.http..",
                    "io.quarkus.oidc.client..");

    /** The extension goes past our rules for addresses, so one room uses it, with clients of the operator alone. */
    @ArchTest
    static final ArchRule extensionStaysInItsRoom = noClasses()
            .that()
            .resideOutsideOfPackage("io.nexus.oauth.provider.oidc")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.quarkus.oidc..");

    /** The bare client of Vert.x as well. Keys are unwrapped before any provider is known, so the key service has its own. */
    @ArchTest
    static final ArchRule bareHttpClientStaysInEgress = noClasses()
            .that()
            .resideOutsideOfPackage("io.nexus.oauth.provider.egress")
            .and()
            .doNotHaveFullyQualifiedName("io.nexus.oauth.crypto.wrapping.TransitWrapper")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.vertx.core.http.HttpClient");

    /** A caller is made in one place: behind the verification of its credential. */
    @ArchTest
    static final ArchRule callersAreAuthenticated = noClasses()
            .that()
            .resideOutsideOfPackage("io.nexus.oauth.access..")
            .should()
            .callConstructorWhere(DescribedPredicate.describe(
                    "the type is Caller",
                    (JavaConstructorCall call) -> call.getTargetOwner().isEquivalentTo(Caller.class)));

    @ArchTest
    static final ArchRule transactionsStayInStore = methods()
            .that()
            .areAnnotatedWith(WithTransaction.class)
            .should()
            .beDeclaredInClassesThat()
            .resideInAPackage("io.nexus.oauth.store..");

    @ArchTest
    static final ArchRule nobodyBlocks = noClasses().should().callMethod(Uni.class, "await");

    /** What subscribes decides who may cancel: only the shield does. */
    @ArchTest
    static final ArchRule onlyTheShieldSubscribes = noClasses()
            .that()
            .doNotHaveSimpleName("CancellationShield")
            .should()
            .callMethod(Uni.class, "subscribe");

    @ArchTest
    static final ArchRule timeIsInjected = noClasses()
            .that()
            .doNotHaveSimpleName("SystemClock")
            .should()
            .callMethod(Clock.class, "systemUTC")
            .orShould()
            .callMethod(Instant.class, "now")
            .orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule secretsAreRevealedAtTheEdgesOnly = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.nexus.oauth.credential",
                    "io.nexus.oauth.crypto..",
                    "io.nexus.oauth.provider..",
                    "io.nexus.oauth.rest..",
                    "io.nexus.oauth.access..",
                    "io.nexus.oauth.connect",
                    "io.nexus.oauth.web",
                    "io.nexus.oauth.web.connect",
                    "io.nexus.oauth.sandbox")
            .should()
            .callMethod(Secret.class, "reveal");

    /** At the edge a tenant comes out of the caller, who proved it; a name in a request is no tenant. */
    @ArchTest
    static final ArchRule tenantsAreProven = noClasses()
            .that()
            .resideOutsideOfPackages("io.nexus.oauth.credential", "io.nexus.oauth.access..", "io.nexus.oauth.store..")
            .should()
            .callConstructor(TenantId.class, String.class);

    @ArchTest
    static final ArchRule noAsyncSuffix = noMethods()
            .that()
            .haveRawReturnType(Uni.class)
            .should()
            .haveNameEndingWith("Async")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule constructorInjection = NO_CLASSES_SHOULD_USE_FIELD_INJECTION;

    @ArchTest
    static final ArchRule oneLogger = NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
}
