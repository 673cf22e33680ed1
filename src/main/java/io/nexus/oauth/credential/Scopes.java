package io.nexus.oauth.credential;

import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;

/**
 * A set of scopes in the order given (<a href="https://www.rfc-editor.org/rfc/rfc6749#section-3.3">RFC 6749 section 3.3</a>).
 *
 * @param values the scopes, without duplicates
 */
public record Scopes(List<String> values) {

    /** No scopes: the provider grants its default. */
    public static final Scopes NONE = new Scopes(List.of());

    /** Keeps the first of equal scopes; throws {@link IllegalArgumentException} for one that the RFC's grammar refuses. */
    public Scopes {
        SequencedSet<String> unique = new LinkedHashSet<>(values);
        for (String scope : unique) {
            if (scope.isEmpty() || !scope.chars().allMatch(Scopes::isScopeCharacter)) {
                throw new IllegalArgumentException(
                        "a scope must be visible ASCII characters without space, quote and backslash");
            }
        }
        values = List.copyOf(unique);
    }

    /** The scopes of {@code values}. */
    public static Scopes of(Collection<String> values) {
        return new Scopes(List.copyOf(values));
    }

    /** Parses scopes separated by white space. A scope may contain commas. Drops what the grammar refuses; never throws. */
    public static Scopes parse(String text) {
        return parse(text, "\\s+");
    }

    /** As {@link #parse}, for the response of a provider: some separate scopes by commas. */
    public static Scopes parseResponse(String text) {
        return parse(text, "[\\s,]+");
    }

    private static Scopes parse(String text, String separator) {
        return new Scopes(Arrays.stream(text.split(separator))
                .filter(scope -> !scope.isEmpty() && scope.chars().allMatch(Scopes::isScopeCharacter))
                .toList());
    }

    /** These scopes followed by those of {@code more}. */
    public Scopes plus(Collection<String> more) {
        SequencedSet<String> all = new LinkedHashSet<>(values);
        all.addAll(more);
        return of(all);
    }

    /** The scopes of {@code wanted} that are not among these. */
    public List<String> missing(Scopes wanted) {
        return wanted.values().stream().filter(scope -> !values.contains(scope)).toList();
    }

    /** The scopes joined by {@code separator}. */
    public String join(String separator) {
        return String.join(separator, values);
    }

    /** Whether there is none. */
    public boolean isEmpty() {
        return values.isEmpty();
    }

    private static boolean isScopeCharacter(int c) {
        return c > 0x20 && c < 0x7f && c != '"' && c != '\\';
    }
}
