package io.nexus.oauth.access.policy;

import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.BeanProperty;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.exc.InvalidNullException;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.type.CollectionType;
import com.fasterxml.jackson.databind.util.AccessPattern;
import org.jspecify.annotations.Nullable;

/**
 * Refuses null for the lists of one record: {@code users:} with nothing behind it looks like a limit and would be none. A list that
 * is not there at all stays null. (Jackson's own setting refuses that, too.)
 */
public final class NonNullLists extends SimpleModule {

    private static final long serialVersionUID = 1;

    /** For the lists of {@code owner}. */
    public NonNullLists(Class<?> owner) {
        setDeserializerModifier(new Modifier(owner));
    }

    private static final class Modifier extends BeanDeserializerModifier {
        private static final long serialVersionUID = 1;

        private final Class<?> owner;

        Modifier(Class<?> owner) {
            this.owner = owner;
        }

        @Override
        public JsonDeserializer<?> modifyCollectionDeserializer(
                DeserializationConfig config, CollectionType type, BeanDescription bean, JsonDeserializer<?> usual) {
            return new NoNull(usual, owner);
        }
    }

    private static final class NoNull extends DelegatingDeserializer {
        private static final long serialVersionUID = 1;

        private final Class<?> owner;

        NoNull(JsonDeserializer<?> usual, Class<?> owner) {
            super(usual);
            this.owner = owner;
        }

        @Override
        protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> usual) {
            return new NoNull(usual, owner);
        }

        @Override
        public JsonDeserializer<?> createContextual(DeserializationContext context, @Nullable BeanProperty property)
                throws JsonMappingException {
            JsonDeserializer<?> own = super.createContextual(context, property);
            boolean isOwners = property != null
                    && property.getMember() != null
                    && property.getMember().getDeclaringClass().equals(owner);
            return isOwners ? own : own.getDelegatee();
        }

        @Override
        public Object getNullValue(DeserializationContext context) throws JsonMappingException {
            throw InvalidNullException.from(context, null, getValueType());
        }

        @Override
        public @Nullable Object getAbsentValue(DeserializationContext context) {
            return null;
        }

        @Override
        public AccessPattern getNullAccessPattern() {
            return AccessPattern.DYNAMIC;
        }
    }
}
