package io.nexus.oauth.rest;

import io.nexus.oauth.api.Problem;
import java.util.List;

/** A request is invalid. Lists all its errors. */
public final class InvalidRequest extends RuntimeException {

    private final transient List<Problem.Error> errors;

    InvalidRequest(List<Problem.Error> errors) {
        super("the request is not valid", null, false, false);
        this.errors = List.copyOf(errors);
    }

    static InvalidRequest of(String pointer, String detail) {
        return new InvalidRequest(List.of(new Problem.Error(pointer, detail)));
    }

    /** The errors, each with its place in the request. */
    public List<Problem.Error> errors() {
        return errors;
    }
}
