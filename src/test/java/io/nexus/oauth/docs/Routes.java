package io.nexus.oauth.docs;

import io.nexus.oauth.docs.Sources.Type;
import jakarta.annotation.security.RolesAllowed;
import jakarta.ws.rs.BeanParam;
import jakarta.ws.rs.HeaderParam;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.QueryParam;
import java.lang.annotation.Annotation;
import java.lang.reflect.AnnotatedElement;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The operations of the API, as JAX-RS serves them. */
final class Routes {

    private static final String REST = "io.nexus.oauth.rest";

    private Routes() {}

    /**
     * An operation.
     *
     * @param name its method and path
     * @param methods the Java methods that serve it: one for each media type
     */
    record Route(String name, List<Method> methods) {

        Method method() {
            return methods.getFirst();
        }

        /** The roles of which the caller needs one. */
        List<String> roles() {
            return annotation(method(), RolesAllowed.class)
                    .map(roles -> List.of(roles.value()))
                    .orElseThrow(() -> new AssertionError(name + " names no roles"));
        }

        List<Parameter> parameters() {
            return Stream.of(method().getParameters())
                    .flatMap(each -> each.isAnnotationPresent(BeanParam.class)
                            ? Stream.of(each.getType().getFields())
                                    .filter(field -> !java.lang.reflect.Modifier.isStatic(field.getModifiers()))
                                    .map(field -> parameter(field, field.getType()))
                            : Stream.ofNullable(parameter(each, each.getType())))
                    .toList();
        }

        /** The record of the body, or null when the operation has no body. */
        @Nullable Class<?> body() {
            return Stream.of(method().getParameters())
                    .filter(each -> parameter(each, each.getType()) == null)
                    .map(java.lang.reflect.Parameter::getType)
                    .filter(Class::isRecord)
                    .findFirst()
                    .orElse(null);
        }

        private static @Nullable Parameter parameter(AnnotatedElement element, Class<?> type) {
            if (element.isAnnotationPresent(QueryParam.class)) {
                return new Parameter(element.getAnnotation(QueryParam.class).value(), "query", type);
            }
            if (element.isAnnotationPresent(PathParam.class)) {
                return new Parameter(element.getAnnotation(PathParam.class).value(), "path", type);
            }
            return element.isAnnotationPresent(HeaderParam.class)
                    ? new Parameter(element.getAnnotation(HeaderParam.class).value(), "header", type)
                    : null;
        }
    }

    /** A parameter: its name, {@code in} as OpenAPI has it, and its type in the code. */
    record Parameter(String name, String in, Class<?> type) {}

    /** All operations, sorted by path and method. */
    static List<Route> all() {
        TreeMap<String, List<Method>> found = new TreeMap<>();
        Sources.main()
                .types(type -> Annotations.find(type.tree().getModifiers(), "Path") != null && isInRest(type))
                .map(Routes::load)
                .forEach(type -> Stream.of(type.getDeclaredMethods())
                        .forEach(method -> verb(method)
                                .ifPresent(verb -> found.computeIfAbsent(
                                                verb + " " + path(type, method), name -> new ArrayList<>())
                                        .add(method))));
        return found.entrySet().stream()
                .filter(route -> route.getKey().contains(" /api/")) // a key set is no operation of the API
                .map(route -> new Route(
                        route.getKey(),
                        route.getValue().stream()
                                .sorted(Comparator.comparing(Method::getName))
                                .toList()))
                .toList();
    }

    /** The annotation of the method, or else of its class. */
    static <A extends Annotation> Optional<A> annotation(Method method, Class<A> type) {
        return Optional.ofNullable(method.getAnnotation(type))
                .or(() -> Optional.ofNullable(method.getDeclaringClass().getAnnotation(type)));
    }

    private static boolean isInRest(Type type) {
        return type.path().getCompilationUnit().getPackageName().toString().equals(REST);
    }

    private static Class<?> load(Type type) {
        try {
            return Class.forName(REST + "." + type.name());
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
    }

    private static Optional<String> verb(Method method) {
        return Stream.of(method.getAnnotations())
                .map(each -> each.annotationType().getAnnotation(HttpMethod.class))
                .filter(java.util.Objects::nonNull)
                .map(HttpMethod::value)
                .findFirst();
    }

    private static String path(Class<?> type, Method method) {
        Path own = method.getAnnotation(Path.class);
        return type.getAnnotation(Path.class).value() + (own == null ? "" : own.value());
    }
}
