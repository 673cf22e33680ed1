package io.nexus.oauth.web;

import io.nexus.oauth.api.Problem;
import java.util.List;
import java.util.stream.Collectors;

/** What is wrong with the fields of a form. */
final class FieldErrors {

    private FieldErrors() {}

    /** What is said of the field at {@code /name} or {@code name}; an empty text when nothing is. */
    static String of(List<Problem.Error> faults, String name) {
        return faults.stream()
                .filter(fault -> fault.pointer().equals("/" + name)
                        || fault.pointer().equals(name)
                        || fault.pointer().startsWith("/" + name + "/"))
                .map(Problem.Error::detail)
                .collect(Collectors.joining("; "));
    }
}
