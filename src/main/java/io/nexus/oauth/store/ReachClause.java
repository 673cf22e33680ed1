package io.nexus.oauth.store;

import io.nexus.oauth.credential.Reach;
import java.util.Map;
import java.util.StringJoiner;

/** A {@link Reach} as a condition on rows with the attributes {@code provider} and {@code user}. */
final class ReachClause {

    private ReachClause() {}

    /** The condition, beginning with {@code and}; empty when everything is covered. Its values are added to {@code values}. */
    static String of(Reach reach, Map<String, Object> values) {
        if (reach.isAll()) {
            return "";
        }
        StringJoiner any = new StringJoiner(" or ", " and (", ")").setEmptyValue(" and 1 = 0");
        for (int i = 0; i < reach.parts().size(); i++) {
            any.add(part(reach.parts().get(i), i, values));
        }
        return any.toString();
    }

    private static String part(Reach.Part part, int number, Map<String, Object> values) {
        StringBuilder clause = new StringBuilder("(1 = 1");
        if (part.providers() != null) {
            clause.append(" and provider in :providers").append(number);
            values.put("providers" + number, part.providers());
        }
        if (part.users() != null) {
            clause.append(" and user in :users").append(number);
            values.put("users" + number, part.users());
        }
        return clause.append(')').toString();
    }
}
