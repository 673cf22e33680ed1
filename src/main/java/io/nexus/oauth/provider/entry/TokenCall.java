package io.nexus.oauth.provider.entry;

import io.nexus.oauth.provider.entry.ProfileTerm.BodyFormat;
import io.nexus.oauth.provider.entry.ProfileTerm.ClientAuth;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A request to the token endpoint.
 *
 * @param url the endpoint, or null
 * @param method {@code POST} or {@code GET}
 * @param auth the client authentication
 * @param body the format of the parameters
 * @param headers fixed headers
 * @param params fixed parameters
 * @param paramNames other names of standard parameters
 * @param omit standard parameters that are not sent
 * @param grant the value of {@code grant_type}
 */
public record TokenCall(
        @Nullable String url,
        String method,
        ClientAuth auth,
        BodyFormat body,
        Map<String, String> headers,
        Map<String, String> params,
        Map<String, String> paramNames,
        Set<String> omit,
        String grant) {

    /** Keeps the order of what was written. */
    public TokenCall {
        headers = CatalogueSection.inOrder(headers);
        params = CatalogueSection.inOrder(params);
    }

    /** The request of {@code section}. What it leaves out is that of {@code base}, except the {@code grant}. */
    public static TokenCall read(CatalogueSection section, String method, TokenCall base, String grant) {
        return new TokenCall(
                section.has("url") ? section.text("url") : base.url,
                method,
                section.choice("auth", base.auth),
                section.choice("body", base.body),
                section.has("headers") ? section.map("headers") : base.headers,
                section.has("params") ? section.map("params") : base.params,
                section.has("param_names") ? section.map("param_names") : base.paramNames,
                section.has("omit") ? Set.copyOf(section.list("omit")) : base.omit,
                section.text("grant", grant));
    }
}
