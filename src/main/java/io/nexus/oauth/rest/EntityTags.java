package io.nexus.oauth.rest;

import io.nexus.oauth.credential.AccessToken;
import io.nexus.oauth.token.TokenQuery.KnownVersions;
import io.nexus.oauth.token.TokenQuery.Version;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Entity tags of issued tokens: {@code W/"<credential>.<version>"}. They are weak (RFC 9110 section 8.8.1), because answers with
 * the same token differ in the remaining seconds.
 */
final class EntityTags {

    /** RFC 9110 section 8.8.3: an opaque tag can contain commas, but no spaces. */
    private static final Pattern TAG = Pattern.compile("(?:W/)?\"([\\x21\\x23-\\x7e\\x80-\\xff]*)\"");

    private static final Pattern SEPARATOR = Pattern.compile("[ \\t]*+(?:,[ \\t]*+)*+");
    private static final Pattern TOKEN_TAG =
            Pattern.compile("([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\\.([1-9][0-9]{0,17})");

    private EntityTags() {}

    static String of(AccessToken token) {
        return "W/\"" + token.key().id() + "." + token.version() + "\"";
    }

    /**
     * The tokens in the field {@code If-None-Match}, compared weakly (RFC 9110 section 13.1.2). A malformed field counts as
     * absent, so the answer contains the token.
     */
    static KnownVersions held(@Nullable List<String> ifNoneMatch) {
        if (ifNoneMatch == null || ifNoneMatch.isEmpty()) {
            return KnownVersions.NONE;
        }
        String field = String.join(",", ifNoneMatch).strip();
        return field.equals("*") ? new KnownVersions(true, List.of()) : list(field);
    }

    private static KnownVersions list(String field) {
        List<Version> versions = new ArrayList<>();
        Matcher separator = SEPARATOR.matcher(field);
        Matcher tag = TAG.matcher(field);
        int at = 0;
        while (at < field.length()) {
            boolean first = at == 0;
            int next = separator.region(at, field.length()).lookingAt() ? separator.end() : at;
            boolean separated = first || field.substring(at, next).contains(",");
            if (next == field.length()) {
                break;
            }
            if (!separated || !tag.region(next, field.length()).lookingAt()) {
                return KnownVersions.NONE;
            }
            Matcher tokenTag = TOKEN_TAG.matcher(tag.group(1));
            if (tokenTag.matches()) {
                versions.add(new Version(UUID.fromString(tokenTag.group(1)), Long.parseLong(tokenTag.group(2))));
            }
            at = tag.end();
        }
        return new KnownVersions(false, versions);
    }
}
