package io.nexus.oauth.provider.entry;

import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A text of a profile with references to variables: <code>https://${tenant}.example/token</code>. */
public final class Template {

    /** The client identifier, which a profile does not declare. */
    public static final String CLIENT_ID = "client_id";

    /** For whom a machine connection asks, which a profile does not declare. Only {@link JwtBearer} may use it. */
    public static final String SUBJECT = "subject";

    /** The requested scopes, which a profile does not declare. Only claims of an assertion may use them. */
    public static final String SCOPE = "scope";

    /** The URL of the token request, which a profile does not declare. Only claims of an assertion may use it. */
    public static final String TOKEN_ENDPOINT = "token_endpoint";

    private static final Pattern REFERENCE = Pattern.compile("\\$\\{([a-z][a-z0-9_]*)}");

    private Template() {}

    /** The names that {@code template} refers to. */
    public static List<String> names(String template) {
        return REFERENCE
                .matcher(template)
                .results()
                .map(match -> match.group(1))
                .toList();
    }

    /** {@code template} with {@code value} of each name in the place of its reference. */
    public static String replace(String template, UnaryOperator<String> value) {
        return REFERENCE.matcher(template).replaceAll(match -> Matcher.quoteReplacement(value.apply(match.group(1))));
    }

    /** The rest of {@code template} without its references. */
    public static String literal(String template) {
        return REFERENCE.matcher(template).replaceAll("");
    }
}
