package io.nexus.oauth.rest;

import jakarta.annotation.PostConstruct;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Any;
import jakarta.enterprise.inject.spi.Bean;
import jakarta.enterprise.inject.spi.BeanManager;
import jakarta.ws.rs.HttpMethod;
import jakarta.ws.rs.Path;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The methods of each path, for the header {@code Allow} of a 405 (RFC 9110 section 15.5.6): the framework omits it. */
@ApplicationScoped
class AllowedMethods {

    private record Route(Pattern path, int variables, String method) {}

    private final BeanManager beans;
    private volatile List<Route> routes = List.of();

    AllowedMethods(BeanManager beans) {
        this.beans = beans;
    }

    @PostConstruct
    void read() {
        List<Route> found = new ArrayList<>();
        for (Bean<?> bean : beans.getBeans(Object.class, Any.Literal.INSTANCE)) {
            Path path = bean.getBeanClass().getAnnotation(Path.class);
            if (path != null) {
                Stream.of(bean.getBeanClass().getDeclaredMethods())
                        .forEach(method -> verbs(method)
                                .forEach(verb ->
                                        found.add(route(path.value(), method.getAnnotation(Path.class), verb))));
            }
        }
        routes = List.copyOf(found);
    }

    /** The methods of {@code path}, sorted; empty for an unknown path. */
    Set<String> of(String path) {
        int end = path.length();
        while (end > 0 && path.charAt(end - 1) == '/') { // a pattern would need the square of the time
            end--;
        }
        String plain = path.substring(0, end);
        Set<String> methods = new TreeSet<>();
        List<Route> matching = routes.stream()
                .filter(route -> route.path().matcher(plain).matches())
                .toList();
        // a path in full wins over one with a variable, which is all that the framework looks at
        int fewest = matching.stream().mapToInt(Route::variables).min().orElse(0);
        matching.stream().filter(route -> route.variables() == fewest).forEach(route -> {
            methods.add(route.method());
            methods.add(HttpMethod.OPTIONS);
            if (route.method().equals(HttpMethod.GET)) {
                methods.add(HttpMethod.HEAD);
            }
        });
        return methods;
    }

    private static Stream<String> verbs(Method method) {
        return Stream.of(method.getAnnotations())
                .map(Annotation::annotationType)
                .filter(type -> type.isAnnotationPresent(HttpMethod.class))
                .map(type -> type.getAnnotation(HttpMethod.class).value());
    }

    private static Route route(String ofClass, @Nullable Path ofMethod, String verb) {
        String path = ofMethod == null ? ofClass : ofClass + "/" + ofMethod.value();
        Pattern pattern = Pattern.compile(path.replaceAll("/+", "/")
                .replaceAll("/$", "")
                .replace(".", "\\.")
                .replaceAll("\\{[^}]*}", "[^/]+"));
        return new Route(pattern, path.split("\\{", -1).length - 1, verb);
    }
}
