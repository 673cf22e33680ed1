package io.nexus.oauth.rest;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.LogicalType;
import com.fasterxml.jackson.datatype.jsr310.deser.InstantDeserializer;
import io.nexus.oauth.access.policy.NonNullLists;
import io.nexus.oauth.api.PolicyRequest;
import io.quarkus.jackson.ObjectMapperCustomizer;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Configures the JSON of the API: snake_case, and strict. A misspelt field, a number instead of a name or a null in a list is an
 * error.
 */
@Singleton
class WireFormat implements ObjectMapperCustomizer {

    /** A time is a text (RFC 3339). Jackson would also take a number, whose unit nobody could tell. */
    private static final class TimeText extends StdScalarDeserializer<Instant> {

        private static final long serialVersionUID = 1;

        TimeText() {
            super(Instant.class);
        }

        @Override
        public @Nullable Instant deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            if (!parser.hasToken(JsonToken.VALUE_STRING)) {
                throw MismatchedInputException.from(parser, Instant.class, "not a text");
            }
            return InstantDeserializer.INSTANT.deserialize(parser, context);
        }
    }

    private static final JsonSetter.Value NO_NULLS_INSIDE = JsonSetter.Value.forContentNulls(Nulls.FAIL);

    /** Last: of two modules that read a type, the later one counts, and Quarkus registers Jackson's own for times. */
    @Override
    public int priority() {
        return MINIMUM_PRIORITY;
    }

    @Override
    public void customize(ObjectMapper mapper) {
        mapper.setPropertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
                .configure(JsonParser.Feature.STRICT_DUPLICATE_DETECTION, true);
        mapper.registerModule(new NonNullLists(PolicyRequest.class));
        mapper.registerModule(new SimpleModule("times").addDeserializer(Instant.class, new TimeText()));
        mapper.configOverride(List.class).setSetterInfo(NO_NULLS_INSIDE);
        mapper.configOverride(Map.class).setSetterInfo(NO_NULLS_INSIDE);
        for (CoercionInputShape shape :
                List.of(CoercionInputShape.Integer, CoercionInputShape.Float, CoercionInputShape.Boolean)) {
            mapper.coercionConfigFor(LogicalType.Textual).setCoercion(shape, CoercionAction.Fail);
        }
        mapper.coercionConfigFor(LogicalType.Boolean)
                .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                .setCoercion(CoercionInputShape.String, CoercionAction.Fail);
        mapper.coercionConfigFor(LogicalType.Integer).setCoercion(CoercionInputShape.String, CoercionAction.Fail);
    }
}
