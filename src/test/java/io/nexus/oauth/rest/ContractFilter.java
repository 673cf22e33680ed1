package io.nexus.oauth.rest;

import io.nexus.oauth.rest.ApiContract.Answer;
import io.nexus.oauth.rest.ApiContract.Operation;
import io.restassured.RestAssured;
import io.restassured.builder.ResponseBuilder;
import io.restassured.filter.Filter;
import io.restassured.filter.FilterContext;
import io.restassured.response.Response;
import io.restassured.specification.FilterableRequestSpecification;
import io.restassured.specification.FilterableResponseSpecification;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;

/** Fails a test when an answer of the API, or a request that the API accepted, is not what the OpenAPI document says. */
final class ContractFilter implements Filter {

    /** How often each operation was answered, by its id and the status. */
    static final Map<String, LongAdder> VALIDATED = new ConcurrentSkipListMap<>();

    private static final Set<String> UNDOCUMENTED = Set.of("HEAD", "OPTIONS");

    /** How the service answers a request for which there is no operation. */
    private static final Set<Integer> REFUSALS = Set.of(400, 401, 403, 404, 405, 414);

    private final ApiContract contract = new ApiContract(ApiContract.document());

    /** Looks at each answer that REST Assured gets from now on. */
    static void install() {
        List<Filter> filters = new ArrayList<>(RestAssured.filters());
        // one of another class loader would count elsewhere
        filters.removeIf(each -> each.getClass().getName().equals(ContractFilter.class.getName()));
        filters.add(new ContractFilter());
        RestAssured.replaceFiltersWith(filters);
    }

    @Override
    public Response filter(
            FilterableRequestSpecification request, FilterableResponseSpecification ignored, FilterContext context) {
        Response response = context.next(request, ignored);
        String[] address = request.getURI().replaceFirst("^\\w+://[^/]+", "").split("\\?", 2);
        if (!address[0].startsWith("/api/v1/") || UNDOCUMENTED.contains(request.getMethod())) {
            return response;
        }
        byte[] body = response.asByteArray();
        String fault = contract.operation(request.getMethod(), address[0])
                .map(operation -> String.join("; ", faults(operation, request, address, response, body)))
                .orElseGet(() -> REFUSALS.contains(response.statusCode()) ? "" : "there is no such operation");
        if (!fault.isEmpty()) {
            throw new AssertionError("not as the OpenAPI document says: %s %s answers %d: %s%n%s"
                    .formatted(
                            request.getMethod(),
                            address[0],
                            response.statusCode(),
                            fault,
                            new String(body, StandardCharsets.UTF_8)));
        }
        return new ResponseBuilder().clone(response).setBody(body).build();
    }

    private List<String> faults(
            Operation operation,
            FilterableRequestSpecification request,
            String[] address,
            Response response,
            byte[] body) {
        VALIDATED
                .computeIfAbsent(operation.id() + " " + response.statusCode(), each -> new LongAdder())
                .increment();
        String type = Objects.requireNonNullElse(response.contentType(), "").replaceFirst(";.*", "");
        List<String> faults = new ArrayList<>(contract.faults(
                operation,
                new Answer(response.statusCode(), type, new String(body, StandardCharsets.UTF_8), response::header)));
        if (response.statusCode() < 400) {
            String sent = request.getBody() instanceof String text ? text : "";
            faults.addAll(contract.faults(operation, query(address), sent));
        }
        return faults;
    }

    private static Map<String, String> query(String[] address) {
        Map<String, String> found = new TreeMap<>();
        for (String pair : address.length < 2 ? new String[0] : address[1].split("&")) {
            String[] parts = pair.split("=", 2);
            found.put(decoded(parts[0]), parts.length < 2 ? "" : decoded(parts[1]));
        }
        return found;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }
}
