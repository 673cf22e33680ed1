package io.nexus.oauth.provider.catalogue;

import static io.nexus.oauth.provider.Providers.ENDPOINTS;
import static io.nexus.oauth.provider.Providers.RULE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.networknt.schema.Error;
import com.networknt.schema.Schema;
import com.networknt.schema.SchemaLocation;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;
import io.nexus.oauth.provider.Providers;
import io.nexus.oauth.provider.entry.CatalogueSection;
import io.nexus.oauth.provider.entry.ClientCredentials;
import io.nexus.oauth.provider.entry.ExchangeCall;
import io.nexus.oauth.provider.entry.JwtBearer;
import io.nexus.oauth.provider.entry.ProfileVariable;
import io.nexus.oauth.provider.entry.ProviderDisplay;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The schema of provider files, which editors read, and the reader of the service agree, as far as a schema can say it. */
class ProviderSchemaTest {

    private static final ObjectMapper YAML = new YAMLMapper();
    private static final SchemaRegistry REGISTRY = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_7);
    private static final JsonNode DOCUMENT = read("providers/provider.schema.json");
    private static final Schema SCHEMA = REGISTRY.getSchema(DOCUMENT);

    /** Two sets of values that depend on another key: {@link #bothNameTheSamePlace} has them. */
    private static final Set<String> CONDITIONAL = Set.of("revoke.method", "revoke.body");

    @Test
    void theSchemaIsOne() {
        Schema metaschema = REGISTRY.getSchema(SchemaLocation.of("http://json-schema.org/draft-07/schema#"));

        assertThat(metaschema.validate(DOCUMENT)).isEmpty();
        assertThat(metaschema.validate(YAML.createObjectNode().put("type", "nothing")))
                .isNotEmpty();
    }

    @ParameterizedTest
    @FieldSource("io.nexus.oauth.provider.catalogue.CatalogueReader#BUILT_IN")
    void theShippedCatalogueFits(String file) {
        JsonNode catalogue = read(file);

        assertThat(catalogue.path("providers")).isNotEmpty();
        assertThat(SCHEMA.validate(catalogue)).isEmpty();
    }

    /** An editor must not mark values that the reader takes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "authorize: {url: 'HTTPS://a.example'}",
                "authorize: {url: 'http://[::1]:8080/a', scope_param: {bot: scope, user: user_scope}, callback: {capture: {site: id}}}",
                "authorize: {params: {response_mode: query, a: 1, b: true, c: '$ {x}', d: '${client_id}'}, omit: [state], pkce: 'off'}",
                "token: {headers: {X-A: 5}, body: query, auth: secret_as_user, grant: x}",
                "refresh: {url: 'https://a.example/r', method: GET, grace_s: 30, min_interval_s: 5min}",
                "response: {refresh_expires: {in: /a, at: /b, format: iso8601}, ok: {at: /ok, is: 1}, unit: min}",
                "ttl: {access: none, refresh: {idle: 90d, max: '3600', fixed: 1y}}",
                "ttl: {access: 0}",
                "revoke: {style: delete, url: 'https://a.example', method: DELETE, body: json}",
                "revoke: {style: bearer, url: 'https://a.example', method: DELETE}",
                "revoke: {style: uninstall, url: 'https://a.example', auth: client_scheme, params: {app: '${client_id}'}}",
                "upgrade: {grant: longer, method: GET, url: 'https://a.example/u', param_names: {access_token: old}, omit: [client_id]}",
                "revoke: {style: none, url: 'gopher://a'}",
                "identity: {from: callback, id: /sub, url: 'gopher://a'}",
                "issuer: {url: 'https://a.example/${client_id}', issuer_template: 'https://a.example/{id}'}",
                "vars: {a: {from: 'identity:/x'}}",
                "vars: {a: , b: {from: 'token:/x/y', default: z, optional: true}}",
                "errors: {permanent: [a, 1], permanent_http: [403, '410'], rate_limited: [b, 429]}",
                "api: {header: X-Token, base: 'https://${client_id}'}",
                "private_hosts: [sso.corp, .svc.cluster.local, 10.1.2.3, 5]",
                "private_hosts: []",
                "icon: slack",
                "console: 'https://as.example/apps#mine'",
                "scope_words: {'a:b': Read, c: {en: 'See it', de: 'Es ansehen'}}",
                "jwt_bearer: {}",
                "jwt_bearer: {url: 'https://a.example/${subject}', style: bearer, key_id: omitted, subject: {pattern: '[0-9]+', required: true}}",
                "jwt_bearer: {auth: post, algorithms: [RS256], claims: {iss: '${client_id}', x: '${scope}', n: 5}, lifetime: 45s, leeway: 5min}",
                "token_exchange: {}",
                "token_exchange: {style: on_behalf_of, params: {x: '${client_id}'}, send_scope: false, max_lifetime: 5min}",
                "token_exchange: {url: 'https://a.example/x', subject_token_type: a, requested_token_type: b, omit: [resource]}",
                "extends: y",
                "name: null"
            })
    void whatTheReaderTakesFits(String yaml) throws IOException {
        ObjectNode entry = entry(ENDPOINTS + "issuer: https://as.example");
        merge(entry, entry(yaml));
        ObjectNode file = file(entry);
        ((ObjectNode) file.get("providers")).set("y", entry(ENDPOINTS));

        assertThat(Providers.parse(file.toString(), RULE)).hasSize(2);
        assertThat(SCHEMA.validate(file)).isEmpty();
    }

    /** {@code seen}: whether the schema sees the mistake, too. The others are about two keys, which a schema cannot compare. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "upgrade: {url: 'https://a.example/u'} | upgrade.grant | true",
                "upgrade: {grant: longer, url: 'http://a.example/u'} | upgrade.url | true",
                "upgrade: {grant: longer, subject: x} | upgrade.subject | true",
                "icon: ../secret | icon | true",
                "console: 'http://as.example/apps' | console | true",
                "console: 'javascript:alert(1)' | console | true",
                "console: 'https://' | console | false",
                "scope_words: {a: {de: Lesen}} | scope_words.a | true",
                "scope_words: {a: {en: Read, Deutsch: Lesen}} | scope_words.a | true",
                "scope_words: {a: ' '} | scope_words.a | true",
                "scope_words: {a: [Read]} | scope_words.a | true",
                "response: {tokens: {}} | response.tokens | true",
                "token: {auth: tls_client} | token.auth | true",
                "token: {method: GET} | token.method | true",
                "revoke: {style: remove} | revoke.style | true",
                "revoke: {style: uninstall, url: 'https://a.example/r'} | revoke.params | true",
                "revoke: {style: bearer, url: 'https://a.example/r', method: PUT} | revoke.method | true",
                "revoke: {style: rfc7009} | revoke.url | true",
                "revoke: {style: bearer, url: 'ftp://a.example'} | revoke.url | true",
                "revoke: {body: query} | revoke.body | true",
                "revoke: {style: delete, method: POST} | revoke.method | true",
                "revoke: {style: none, method: DELETE} | revoke.method | true",
                "identity: {id: /sub} | identity.url | true",
                "identity: {id: sub} | identity.id | true",
                "identity: {label: [name]} | identity.label | true",
                "identity: {label: /name} | identity.label | true",
                "response: {access_token: x} | response.access_token | true",
                "response: {expires_at: {at: x}} | response.expires_at.at | true",
                "response: {expires_at: {at: /x, format: julian}} | response.expires_at.format | true",
                "response: {unit: h} | response.unit | true",
                "response: {ok: {at: /ok, was: 1}} | response.ok.was | true",
                "response: {ok: {at: /ok, is: [1]}} | response.ok.is | true",
                "ttl: {access: -5} | ttl.access | true",
                "ttl: {access: 1.5} | ttl.access | true",
                "ttl: {refresh: {idle: soon}} | ttl.refresh.idle | true",
                "ttl: [1] | ttl | true",
                "refresh: {grace_s: -1} | refresh.grace_s | true",
                "refresh: {grace_s: 10000000000} | refresh.grace_s | true",
                "refresh: {rotation: sometimes} | refresh.rotation | true",
                "refresh: {method: PUT} | refresh.method | true",
                "refresh: {send_scope: 'yes'} | refresh.send_scope | true",
                "refresh: {url: 'http://a.example/r'} | refresh.url | true",
                "refresh: {url: 'a.example/r'} | refresh.url | true",
                "refresh: {url: 'http://${client_id}'} | refresh.url | true",
                "refresh: {url: 'https://a.example/${Who}'} | refresh.url | true",
                "authorize: {url: 5} | authorize.url | true",
                "token: {params: {a: '${who'}} | token.params | true",
                "token: {headers: {'A B': x}} | token.headers.A B | true",
                "token: {headers: {A: \"x\\r\\nB: c\"}} | token.headers.A | true",
                "token: {omit: state} | token.omit | true",
                "token: {omit: [[state]]} | token.omit | true",
                "name: 5 | name | true",
                "private_hosts: ['*.corp'] | private_hosts | true",
                "private_hosts: [.] | private_hosts | true",
                "private_hosts: ['https://sso.corp'] | private_hosts | true",
                "private_hosts: sso.corp | private_hosts | true",
                "local_only: 1 | local_only | true",
                "issuer: {issuer_template: x} | issuer.url | true",
                "issuer: 'http://as.example' | issuer | true",
                "issuer: 5 | issuer | true",
                "vars: {Who: {}} | vars.Who | true",
                "vars: {client_id: {}} | vars.client_id | true",
                "vars: {a: b} | vars.a | true",
                "vars: {a: {from: 'header:/x'}} | vars.a.from | true",
                "{vars: {a: {from: 'identity:/x'}}, identity: {from: token, id: /y}} | vars.a.from | false",
                "vars: {a: {color: red}} | vars.a.color | true",
                "authorize: {params: {a: [1]}} | authorize.params.a | true",
                "authorize: {params: {response_mode: form_post}} | authorize.params.response_mode | false",
                "authorize: {params: {response_mode: fragment}} | authorize.params.response_mode | false",
                "authorize: {scope_param: [a]} | authorize.scope_param | true",
                "errors: {permanent_http: [9000]} | errors.permanent_http | true",
                "errors: {permanent_http: [ok]} | errors.permanent_http | true",
                "errors: {rate_limited: slow} | errors.rate_limited | true",
                "errors: {rate_limited: [Invalid_Grant]} | errors.rate_limited | false",
                "errors: {permanent: [x], rate_limited: [X]} | errors.rate_limited | false",
                "api: {base: '${Who}'} | api.base | true",
                "refresh: {url: 'https://a.example/r#x'} | refresh.url | false",
                "refresh: {url: 'https://a b'} | refresh.url | false",
                "refresh: {url: 'https://a.example/${who}'} | refresh.url | false",
                "authorize: {params: {a: '${who}'}} | authorize.params | false",
                "api: {base: '${who}'} | api.base | false",
                "vars: {a: {pattern: '('}} | vars.a.pattern | false",
                "vars: {a: {pattern: '[a-z]', default: '5'}} | vars.a.default | false",
                "vars: {a: {allow_hosts: [.x.example], default: y.example}} | vars.a.default | false",
                "jwt_bearer: true | jwt_bearer | true",
                "jwt_bearer: {style: header} | jwt_bearer.style | true",
                "jwt_bearer: {key_id: 1} | jwt_bearer.key_id | true",
                "jwt_bearer: {audience: x} | jwt_bearer.audience | true",
                "jwt_bearer: {algorithms: [RS512]} | jwt_bearer.algorithms | true",
                "jwt_bearer: {algorithms: []} | jwt_bearer.algorithms | true",
                "jwt_bearer: {claims: {exp: '1'}} | jwt_bearer.claims | true",
                "jwt_bearer: {claims: {a: 1, b: 1, c: 1, d: 1, e: 1, f: 1, g: 1, h: 1, i: 1, j: 1, k: 1, l: 1, m: 1, n: 1, o: 1, p: 1, q: 1}} | jwt_bearer.claims | true",
                "jwt_bearer: {claims: {a: '${who'}} | jwt_bearer.claims | true",
                "jwt_bearer: {claims: {a: '${who}'}} | jwt_bearer.claims | false",
                "jwt_bearer: {lifetime: 61min} | jwt_bearer.lifetime | false",
                "jwt_bearer: {lifetime: 0} | jwt_bearer.lifetime | false",
                "jwt_bearer: {leeway: 301} | jwt_bearer.leeway | false",
                "jwt_bearer: {subject: {pattern: '('}} | jwt_bearer.subject.pattern | false",
                "jwt_bearer: {subject: {default: x}} | jwt_bearer.subject.default | true",
                "jwt_bearer: {url: 'https://a.example/${subject}'} | jwt_bearer.subject | false",
                "jwt_bearer: {url: 'https://a.example/${scope}'} | jwt_bearer.url | false",
                "jwt_bearer: {url: 'https://${subject}.example/', subject: {pattern: '[a-z]+', required: true}} | jwt_bearer.url | false",
                "{vars: {subject: {optional: true}}, jwt_bearer: {}} | vars.subject | false",
                "token: {params: {a: '${subject}'}} | token.params | false",
                "token_exchange: true | token_exchange | true",
                "token_exchange: {style: obo} | token_exchange.style | true",
                "token_exchange: {url: 'http://a.example/x'} | token_exchange.url | true",
                "token_exchange: {params: {a: '${who}'}} | token_exchange.params | false",
                "token_exchange: {audience: x} | token_exchange.audience | false",
                "token_exchange: {identity_provider: x} | token_exchange.identity_provider | false",
                "token_exchange: {style: on_behalf_of, requested_token_type: x} | token_exchange.requested_token_type | false",
                "token_exchange: {style: id_jag, audience: x} | token_exchange.identity_provider | false",
                "token_exchange: {style: id_jag, audience: x, identity_provider: x} | token_exchange.identity_provider | false",
                "token_exchange: {style: id_jag, identity_provider: y} | token_exchange.audience | false",
                "token_exchange: {max_lifetime: 25h} | token_exchange.max_lifetime | false",
                "token_exchange: {max_lifetime: 0} | token_exchange.max_lifetime | false",
                "extends: nobody | extends | false",
                "extends: x | extends | false"
            })
    void bothNameTheSamePlace(String yaml, String place, boolean seen) throws IOException {
        ObjectNode entry = entry(ENDPOINTS);
        merge(entry, entry(yaml));

        assertThatIllegalStateException()
                .isThrownBy(() -> Providers.parse(file(entry).toString(), RULE))
                .withMessageContaining("my.yaml: x: " + place + ": ");
        assertThat(places(SCHEMA.validate(file(entry))).anyMatch(each -> isAt(each, place)))
                .isEqualTo(seen);
        assertThat(SCHEMA.validate(file(entry)).isEmpty()).isNotEqualTo(seen);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "authorize: {url: 'https://a.example'}",
                "token: {url: 'https://a.example'}",
                "{authorize: {}, token: {url: 'https://a.example'}}"
            })
    void withoutAnIssuerAnEndpointIsMissed(String yaml) throws IOException {
        ObjectNode file = file(entry(yaml));

        assertThatIllegalStateException().isThrownBy(() -> Providers.parse(file.toString(), RULE));
        assertThat(SCHEMA.validate(file)).isNotEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"providers: [1]", "provider: {}", "providers: {A B: {}}", "providers: {x: 5}", "providers: {x: }"
            })
    void whatIsNoProviderFileDoesNotFit(String yaml) throws IOException {
        JsonNode file = YAML.readTree(yaml);

        assertThatIllegalStateException().isThrownBy(() -> Providers.parse(yaml, RULE));
        assertThat(SCHEMA.validate(file)).isNotEmpty();
    }

    /** Every name in the reader's class is tried as a key: those that it takes are those of the schema. */
    @ParameterizedTest
    @MethodSource("maps")
    void bothKnowTheSameKeys(String map) throws IOException {
        Set<String> keys = new TreeSet<>(names());
        ObjectNode values = JsonNodeFactory.instance.objectNode();
        keys.forEach(key -> values.put(key, "?"));

        List<String> findings = findings(map, values);
        keys.removeIf(key -> findings.contains(dotted(map, key) + ": unknown or unsupported key"));

        Set<String> described = new TreeSet<>();
        schemaOf(map).path("properties").fieldNames().forEachRemaining(described::add);
        assertThat(described).isNotEmpty().isEqualTo(keys);
    }

    @ParameterizedTest
    @MethodSource("maps")
    void bothKnowTheSameValues(String map) throws IOException {
        for (var property : schemaOf(map).path("properties").properties()) {
            String key = dotted(map, property.getKey());
            if (property.getValue().has("enum") && !CONDITIONAL.contains(key)) {
                Set<String> described = new TreeSet<>();
                property.getValue().get("enum").forEach(value -> described.add(value.asText()));
                described.remove("null"); // in a file that extends another it takes a key away

                assertThat(findings(map, YAML.createObjectNode().put(property.getKey(), "?")))
                        .filteredOn(finding -> finding.startsWith(key + ": "))
                        .singleElement()
                        .extracting(finding -> listed(String.valueOf(finding)))
                        .isEqualTo(described);
            }
        }
    }

    /** Every map of an entry that has keys of its own, by its place. */
    private static Stream<String> maps() {
        List<String> maps = new ArrayList<>();
        collect("", DOCUMENT.at("/definitions/provider"), maps);
        assertThat(maps).hasSizeGreaterThan(15).contains("", "issuer", "vars.a", "ttl.refresh");
        return maps.stream();
    }

    private static void collect(String place, JsonNode schema, List<String> maps) {
        schema.path("anyOf").forEach(each -> collect(place, each, maps));
        if (schema.path("additionalProperties").isObject()
                && schema.path("additionalProperties").has("properties")) {
            collect(dotted(place, "a"), schema.path("additionalProperties"), maps);
        }
        if (schema.has("properties") && schema.has("additionalProperties")) {
            maps.add(place);
            schema.path("properties")
                    .properties()
                    .forEach(property -> collect(dotted(place, property.getKey()), property.getValue(), maps));
        }
    }

    private static JsonNode schemaOf(String map) {
        JsonNode schema = DOCUMENT.at("/definitions/provider");
        for (String step : map.isEmpty() ? new String[0] : map.split("\\.")) {
            JsonNode property = schema.path("properties").path(step);
            schema = property.isMissingNode() ? schema.path("additionalProperties") : property;
            for (JsonNode each : schema.path("anyOf")) {
                schema = each.has("properties") ? each : schema;
            }
        }
        return schema;
    }

    /** What could be a key, of all texts in the readers' class files. */
    private static Set<String> names() throws IOException {
        Set<String> names = new TreeSet<>();
        for (Class<?> reader : List.of(
                ProfileReader.class,
                ProfileVariable.class,
                ClientCredentials.class,
                JwtBearer.class,
                ExchangeCall.class,
                ProviderDisplay.class)) {
            try (InputStream in =
                    Objects.requireNonNull(reader.getResourceAsStream(reader.getSimpleName() + ".class"))) {
                Pattern.compile("[a-z][a-z0-9_]+")
                        .matcher(new String(in.readAllBytes(), StandardCharsets.ISO_8859_1))
                        .results()
                        .forEach(result -> names.add(result.group()));
            }
        }
        assertThat(names).contains("kills_access_token", "allow_hosts", "access_token", "scope_words");
        return names;
    }

    /** What the reader finds in an entry whose map at {@code place} is {@code values}. */
    private static List<String> findings(String place, ObjectNode values) throws IOException {
        ObjectNode entry = values;
        List<String> steps = place.isEmpty() ? List.of() : List.of(place.split("\\."));
        for (String step : steps.reversed()) {
            entry = JsonNodeFactory.instance.objectNode().set(step, entry);
        }
        List<String> findings = new ArrayList<>();
        new ProfileReader("x", new CatalogueSection("", "", entry, findings)).read();
        return findings.stream().map(finding -> finding.substring(2)).toList();
    }

    private static Set<String> listed(String finding) {
        String list = finding.substring(finding.lastIndexOf('[') + 1, finding.lastIndexOf(']'));
        return new TreeSet<>(List.of(list.split(", ")));
    }

    private static Stream<String> places(List<Error> errors) {
        return errors.stream().map(error -> {
            String at = error.getInstanceLocation()
                    .toString()
                    .replaceFirst("^/providers/x/?", "")
                    .replace('/', '.');
            return error.getProperty() == null ? at : dotted(at, error.getProperty());
        });
    }

    private static boolean isAt(String error, String place) {
        return error.equals(place) || error.startsWith(place + ".");
    }

    private static String dotted(String map, String key) {
        return map.isEmpty() ? key : map + "." + key;
    }

    private static ObjectNode file(JsonNode entry) {
        ObjectNode file = JsonNodeFactory.instance.objectNode();
        file.putObject("providers").set("x", entry);
        return file;
    }

    private static ObjectNode entry(String yaml) throws IOException {
        return (ObjectNode) YAML.readTree(yaml);
    }

    private static void merge(ObjectNode below, ObjectNode above) {
        above.properties().forEach(each -> {
            if (each.getValue() instanceof ObjectNode map && below.get(each.getKey()) instanceof ObjectNode old) {
                merge(old, map);
            } else {
                below.set(each.getKey(), each.getValue());
            }
        });
    }

    private static JsonNode read(String resource) {
        try (InputStream in = ProviderSchemaTest.class.getClassLoader().getResourceAsStream(resource)) {
            return YAML.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
