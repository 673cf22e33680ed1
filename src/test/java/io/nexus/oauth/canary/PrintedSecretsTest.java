package io.nexus.oauth.canary;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption.DoNotIncludeTests;
import io.nexus.oauth.credential.GrantType;
import io.nexus.oauth.credential.Secret;
import java.lang.reflect.Constructor;
import java.lang.reflect.Modifier;
import java.lang.reflect.RecordComponent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** No value prints a secret that it holds, as a {@link Secret} or, on the wire and at the provider's door, as text. */
class PrintedSecretsTest {

    private static final String CANARY = "CANARYprintedzzzzzzzz";

    @Test
    void noRecordPrintsASecret() throws Exception {
        List<String> printing = new ArrayList<>();
        int looked = 0;
        for (Class<?> type : classes()) {
            if (type.isRecord() && holdsSecret(type)) {
                Object made = make(type);
                looked++;
                if (String.valueOf(made).contains(CANARY)) {
                    printing.add(type.getName());
                }
            }
        }
        assertThat(looked).isGreaterThan(15);
        assertThat(printing).isEmpty();
    }

    /** A class prints itself only where somebody thought about it. */
    @Test
    void whatIsNoRecordHasNoWordsOfItsOwn() {
        List<String> speaking = classes().stream()
                .filter(type -> !type.isRecord() && !type.isEnum() && !type.isInterface())
                .filter(type ->
                        Arrays.stream(type.getDeclaredFields()).anyMatch(field -> field.getType() == Secret.class))
                .filter(type -> Arrays.stream(type.getDeclaredMethods())
                        .anyMatch(method -> method.getName().equals("toString")))
                .map(Class::getName)
                .toList();

        assertThat(speaking).isEmpty();
        assertThat(Secret.of(CANARY).toString()).doesNotContain(CANARY);
        assertThat(String.valueOf(Optional.of(Secret.of(CANARY)))).doesNotContain(CANARY);
    }

    private static List<Class<?>> classes() {
        List<Class<?>> classes = new ArrayList<>();
        for (JavaClass each : new ClassFileImporter()
                .withImportOption(new DoNotIncludeTests())
                .importPackages("io.nexus.oauth")) {
            try {
                classes.add(Class.forName(each.getName(), false, PrintedSecretsTest.class.getClassLoader()));
            } catch (ClassNotFoundException | LinkageError e) {
                throw new AssertionError(each.getName(), e);
            }
        }
        return classes;
    }

    private static boolean holdsSecret(Class<?> type) {
        return Stream.of(type.getRecordComponents())
                .anyMatch(component -> component.getType() == Secret.class || isSecretText(type, component));
    }

    /** Only where text from outside is kept: the wire, and what providers answered. */
    private static boolean isSecretText(Class<?> type, RecordComponent component) {
        boolean wire =
                type.getPackageName().endsWith(".api") || type.getPackageName().endsWith(".rest.exchange");
        boolean outside = wire || type.getPackageName().endsWith(".provider.egress");
        String name = component.getName();
        boolean exact = wire
                ? name.matches("(access|refresh)Token|(second)?[cC]lientSecret|token|key|header|connectUrl")
                : name.equals("body") && type.getName().matches(".*\\.(ExchangeResult|HttpExchange)\\$.*");
        return outside && exact && component.getType() == String.class;
    }

    private static Object make(Class<?> type) throws ReflectiveOperationException {
        RecordComponent[] components = type.getRecordComponents();
        Object[] values = new Object[components.length];
        for (int i = 0; i < components.length; i++) {
            boolean secret = isSecretText(type, components[i]);
            values[i] = secret ? CANARY : value(components[i].getType());
        }
        Constructor<?> constructor = type.getDeclaredConstructor(
                Stream.of(components).map(RecordComponent::getType).toArray(Class[]::new));
        constructor.setAccessible(true);
        return constructor.newInstance(values);
    }

    private static Object value(Class<?> type) throws ReflectiveOperationException {
        if (type == Secret.class) {
            return Secret.of(CANARY);
        }
        if (type == String.class) {
            return "x.y";
        }
        if (type.isPrimitive()) {
            return java.lang.reflect.Array.get(java.lang.reflect.Array.newInstance(type, 1), 0);
        }
        if (type == java.util.UUID.class) {
            return new java.util.UUID(0, 0);
        }
        if (type == java.time.Duration.class) {
            return java.time.Duration.ZERO;
        }
        if (type == java.time.Instant.class) {
            return java.time.Instant.EPOCH;
        }
        if (type == java.net.URI.class) {
            return java.net.URI.create("https://x.example/");
        }
        if (type.isAssignableFrom(List.class)) {
            return List.of();
        }
        if (type == java.util.Set.class) {
            return java.util.Set.of();
        }
        if (type == java.util.Map.class) {
            return java.util.Map.of();
        }
        if (type == Optional.class) {
            return Optional.empty();
        }
        if (type == GrantType.class) {
            return GrantType.JWT_BEARER; // a token request is not one of a person
        }
        if (type.isEnum()) {
            return type.getEnumConstants()[0];
        }
        return type.isRecord() && !Modifier.isAbstract(type.getModifiers()) ? make(type) : null;
    }
}
