package io.nexus.oauth;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noMethods;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_FIELD_INJECTION;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_USE_JAVA_UTIL_LOGGING;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.nexus.oauth.credential.Secret;
import io.nexus.oauth.credential.TenantId;
import io.quarkus.hibernate.reactive.panache.common.WithTransaction;
import io.smallrye.mutiny.Uni;
import java.time.Clock;
import java.time.Instant;

/** The arrows of the README's picture, and the rules of the house that a compiler does not know. */
@AnalyzeClasses(packages = "io.nexus.oauth", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {

    @ArchTest
    static final ArchRule arrows = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .withOptionalLayers(true)
            .layer("main")
            .definedBy("io.nexus.oauth")
            .whereLayer("main")
            .mayNotBeAccessedByAnyLayer()
            .layer("credential")
            .definedBy("io.nexus.oauth.credential")
            .layer("event")
            .definedBy("io.nexus.oauth.event")
            .layer("crypto")
            .definedBy("io.nexus.oauth.crypto")
            .layer("provider")
            .definedBy("io.nexus.oauth.provider")
            .layer("store")
            .definedBy("io.nexus.oauth.store")
            .layer("token")
            .definedBy("io.nexus.oauth.token")
            .layer("keys")
            .definedBy("io.nexus.oauth.keys")
            .layer("connect")
            .definedBy("io.nexus.oauth.connect")
            .layer("audit")
            .definedBy("io.nexus.oauth.audit")
            .layer("access")
            .definedBy("io.nexus.oauth.access")
            .layer("api")
            .definedBy("io.nexus.oauth.api")
            .layer("rest")
            .definedBy("io.nexus.oauth.rest")
            .layer("web")
            .definedBy("io.nexus.oauth.web")
            .layer("cli")
            .definedBy("io.nexus.oauth.cli")
            .layer("monitor")
            .definedBy("io.nexus.oauth.monitor")
            .layer("embedded")
            .definedBy("io.nexus.oauth.embedded")
            .layer("sandbox")
            .definedBy("io.nexus.oauth.sandbox")
            .whereLayer("credential")
            .mayNotAccessAnyLayer()
            .whereLayer("api")
            .mayNotAccessAnyLayer()
            .whereLayer("event")
            .mayOnlyAccessLayers("credential")
            .whereLayer("crypto")
            .mayOnlyAccessLayers("credential")
            .whereLayer("provider")
            .mayOnlyAccessLayers("credential")
            .whereLayer("embedded")
            .mayNotAccessAnyLayer()
            .whereLayer("sandbox")
            .mayOnlyAccessLayers("credential")
            .whereLayer("access")
            .mayOnlyAccessLayers("credential", "crypto", "provider", "store")
            .whereLayer("store")
            .mayOnlyAccessLayers("credential", "event")
            .whereLayer("token")
            .mayOnlyAccessLayers("credential", "event", "crypto", "provider", "store")
            .whereLayer("connect")
            .mayOnlyAccessLayers("credential", "event", "crypto", "provider", "store", "token")
            .whereLayer("keys")
            .mayOnlyAccessLayers("credential", "event", "crypto", "store", "token")
            .whereLayer("audit")
            .mayOnlyAccessLayers("credential", "event", "crypto", "store")
            .whereLayer("monitor")
            .mayOnlyAccessLayers("credential", "event", "crypto", "provider", "store", "access")
            .whereLayer("rest")
            .mayOnlyAccessLayers(
                    "credential", "api", "access", "token", "keys", "connect", "audit", "provider", "crypto")
            .whereLayer("web")
            .mayOnlyAccessLayers("credential", "api", "access", "rest", "connect", "provider")
            .whereLayer("cli")
            .mayOnlyAccessLayers("api")
            .ensureAllClassesAreContainedInArchitecture();

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("io.nexus.oauth.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule oneLevelOfPackages =
            classes().should().resideInAnyPackage("io.nexus.oauth", "io.nexus.oauth.*");

    @ArchTest
    static final ArchRule plainCore = classes()
            .that()
            .resideInAnyPackage("..credential", "..event", "..api")
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
            .resideInAPackage("..cli")
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
                    "io.nexus.oauth.cli");

    @ArchTest
    static final ArchRule sqlStaysInStore = noClasses()
            .that()
            .resideOutsideOfPackage("..store")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "jakarta.persistence..", "org.hibernate..", "io.quarkus.hibernate..", "io.vertx..sqlclient..");

    @ArchTest
    static final ArchRule httpServerStaysAtTheEdge = noClasses()
            .that()
            .resideOutsideOfPackages("..rest", "..web", "..access", "..cli", "..sandbox")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("jakarta.ws.rs..");

    @ArchTest
    static final ArchRule httpClientStaysInProvider = noClasses()
            .that()
            .resideOutsideOfPackages("..provider", "..cli")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.vertx..ext.web.client..",
                    "org.eclipse.microprofile.rest.client..",
                    "java.net.http..",
                    "io.quarkus.oidc.client..");

    @ArchTest
    static final ArchRule transactionsStayInStore = methods()
            .that()
            .areAnnotatedWith(WithTransaction.class)
            .should()
            .beDeclaredInClassesThat()
            .resideInAPackage("..store");

    @ArchTest
    static final ArchRule nobodyBlocks = noClasses().should().callMethod(Uni.class, "await");

    /** What subscribes decides who may cancel: only the shield does. */
    @ArchTest
    static final ArchRule onlyTheShieldSubscribes =
            noClasses().that().doNotHaveSimpleName("Detached").should().callMethod(Uni.class, "subscribe");

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
                    "..credential", "..crypto", "..provider", "..rest", "..access", "..connect", "..web", "..sandbox")
            .should()
            .callMethod(Secret.class, "reveal");

    /** At the edge a tenant comes out of the caller, who proved it; a name in a request is no tenant. */
    @ArchTest
    static final ArchRule tenantsAreProven = noClasses()
            .that()
            .resideOutsideOfPackages("..credential", "..access", "..store")
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
