package io.nexus.oauth.web;

import io.nexus.oauth.api.Problem;
import java.util.List;
import java.util.stream.Collectors;

/** The errors of the fields of a form. */
final class FieldErrors {

    private FieldErrors() {}

    /** The errors of the field {@code name}, joined; empty when there are none. */
    static String of(List<Problem.Error> faults, String name) {
        return faults.stream()
                .filter(fault -> fault.pointer().equals("/" + name)
                        || fault.pointer().equals(name)
                        || fault.pointer().startsWith("/" + name + "/"))
                .map(Problem.Error::detail)
                .collect(Collectors.joining("; "));
    }
}
