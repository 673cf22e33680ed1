package io.nexus.oauth.provider.catalogue;

import io.nexus.oauth.credential.Scopes;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Api;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Authorize;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Errors;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Identity;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Issuer;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Lifetimes;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Refresh;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Response;
import io.nexus.oauth.provider.catalogue.ProviderProfile.Revoke;
import io.nexus.oauth.provider.catalogue.ProviderProfile.TimeField;
import io.nexus.oauth.provider.entry.CatalogueSection;
import io.nexus.oauth.provider.entry.ClientCredentials;
import io.nexus.oauth.provider.entry.ExchangeCall;
import io.nexus.oauth.provider.entry.JwtBearer;
import io.nexus.oauth.provider.entry.ProfileTerm.AssertionAudience;
import io.nexus.oauth.provider.entry.ProfileTerm.BodyFormat;
import io.nexus.oauth.provider.entry.ProfileTerm.Expected;
import io.nexus.oauth.provider.entry.ProfileTerm.IdentitySource;
import io.nexus.oauth.provider.entry.ProfileTerm.Pkce;
import io.nexus.oauth.provider.entry.ProfileTerm.RevokeStyle;
import io.nexus.oauth.provider.entry.ProfileTerm.Rotation;
import io.nexus.oauth.provider.entry.ProfileTerm.TimeFormat;
import io.nexus.oauth.provider.entry.ProfileTerm.TokenKind;
import io.nexus.oauth.provider.entry.ProfileTerm.Unit;
import io.nexus.oauth.provider.entry.ProfileVariable;
import io.nexus.oauth.provider.entry.ProviderDisplay;
import io.nexus.oauth.provider.entry.TokenCall;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Turns one entry of a catalogue into a profile. This class checks types and names; {@link ProfileRules} checks
 * relations.
 */
final class ProfileReader {

    private static final List<String> FIELDS = List.of(
            "access_token",
            "refresh_token",
            "token_type",
            "scope",
            "expires_in",
            "refresh_token_expires_in",
            "id_token");

    private final CatalogueSection entry;
    private final String id;

    ProfileReader(String id, CatalogueSection entry) {
        this.id = id;
        this.entry = entry;
    }

    ProviderProfile read() {
        TokenCall token = token(entry.child("token"));
        ProviderProfile profile = new ProviderProfile(
                id,
                entry.text("name", id),
                ProviderDisplay.read(entry),
                entry.flag("local_only", false),
                entry.hosts("private_hosts"),
                ProfileVariable.read(entry.child("vars")),
                issuer(),
                authorize(entry.child("authorize")),
                token,
                upgrade(token),
                refresh(entry.child("refresh"), token),
                ClientCredentials.read(entry.child("client_credentials"), token),
                JwtBearer.read(entry, token),
                ExchangeCall.read(entry, token),
                response(entry.child("response")),
                lifetimes(entry.child("ttl")),
                revoke(entry.child("revoke"), token),
                identity(entry.child("identity")),
                api(entry.child("api")),
                errors(entry.child("errors")));
        entry.has("extends");
        entry.finish();
        return profile;
    }

    private @Nullable Issuer issuer() {
        if (entry.isMap("issuer")) {
            CatalogueSection section = entry.child("issuer");
            String url = section.text("url");
            if (url == null) {
                section.fault("url", "is missing");
            }
            Issuer issuer = new Issuer(
                    url == null ? "" : url,
                    section.text("issuer_template"),
                    section.choice("assertion_audience", AssertionAudience.ISSUER));
            section.finish();
            return issuer;
        }
        String url = entry.text("issuer");
        return url == null ? null : new Issuer(url, null, AssertionAudience.ISSUER);
    }

    private static Authorize authorize(CatalogueSection section) {
        CatalogueSection callback = section.child("callback");
        Authorize authorize = new Authorize(
                section.text("url"),
                section.map("params"),
                section.text("scope_sep", " "),
                scopeParams(section),
                section.list("base_scopes"),
                section.map("param_names"),
                Set.copyOf(section.list("omit")),
                section.choice("pkce", Pkce.SUPPORTED),
                section.flag("pushed", false),
                callback.map("capture"));
        callback.finish();
        section.finish();
        return authorize;
    }

    private static Map<String, String> scopeParams(CatalogueSection section) {
        if (section.isMap("scope_param")) {
            return section.map("scope_param");
        }
        return Map.of("scope", section.text("scope_param", "scope"));
    }

    private static TokenCall token(CatalogueSection section) {
        TokenCall base = ProfileDefaults.TOKEN_CALL;
        TokenCall call = TokenCall.read(section, "POST", base, base.grant());
        section.finish();
        return call;
    }

    private @Nullable TokenCall upgrade(TokenCall token) {
        if (!entry.has("upgrade")) {
            return null;
        }
        CatalogueSection section = entry.child("upgrade");
        TokenCall call = TokenCall.read(section, section.oneOf("method", "POST", "GET"), token, "");
        if (call.grant().isEmpty()) {
            section.fault("grant", "is missing");
        }
        section.finish();
        return call;
    }

    private static Refresh refresh(CatalogueSection section, TokenCall token) {
        Refresh refresh = new Refresh(
                TokenCall.read(section, section.oneOf("method", "POST", "GET"), token, "refresh_token"),
                section.flag("send_scope", false),
                section.choice("rotation", Rotation.MAYBE),
                section.duration("grace_s", Duration.ZERO),
                section.flag("kills_access_token", false),
                section.flag("reuse_kills_grant", false),
                section.duration("min_interval_s", Duration.ZERO));
        section.finish();
        return refresh;
    }

    private static Response response(CatalogueSection section) {
        Map<String, String> fields = new LinkedHashMap<>();
        for (String field : FIELDS) {
            String pointer = section.pointer(field);
            if (pointer != null) {
                fields.put(field, pointer);
            }
        }
        CatalogueSection refreshExpires = section.child("refresh_expires");
        String in = refreshExpires.pointer("in");
        if (in != null) {
            fields.put("refresh_token_expires_in", in);
        }
        CatalogueSection error = section.child("error");
        String code = error.pointer("code");
        fields.put("error", code == null ? "/error" : code);
        error.finish();
        Response response = new Response(
                fields,
                section.choice("unit", Unit.S),
                moment(section.child("expires_at")),
                moment(refreshExpires),
                expected(section.child("ok")),
                section.pointers("keep"));
        section.finish();
        return response;
    }

    private static @Nullable TimeField moment(CatalogueSection section) {
        String at = section.pointer("at");
        TimeFormat format = section.choice("format", TimeFormat.EPOCH_S);
        section.finish();
        return at == null ? null : new TimeField(at, format);
    }

    private static @Nullable Expected expected(CatalogueSection section) {
        String at = section.pointer("at");
        String is = section.scalar("is");
        section.finish();
        return at == null ? null : new Expected(at, is == null ? "true" : is);
    }

    private static Lifetimes lifetimes(CatalogueSection section) {
        CatalogueSection refresh = section.child("refresh");
        boolean endless = "none".equals(section.scalar("access"));
        Lifetimes lifetimes = new Lifetimes(
                endless ? null : section.duration("access"),
                endless,
                refresh.duration("idle"),
                refresh.duration("max"),
                refresh.duration("fixed"));
        refresh.finish();
        section.finish();
        return lifetimes;
    }

    private static Revoke revoke(CatalogueSection section, TokenCall token) {
        RevokeStyle style = section.choice("style", RevokeStyle.NONE);
        Revoke revoke = new Revoke(
                style,
                section.text("url"),
                switch (style) {
                    case DELETE -> section.oneOf("method", "DELETE");
                    case BEARER -> section.oneOf("method", "POST", "GET", "DELETE");
                    case RFC7009, UNINSTALL, NONE -> section.oneOf("method", "POST", "GET");
                },
                section.choice("auth", token.auth()),
                section.choice("body", BodyFormat.FORM),
                section.text("param", "token"),
                section.choice("token", TokenKind.REFRESH),
                section.map("params"),
                section.oneOf("ends", "token", "grant").equals("grant"));
        if (revoke.body() == BodyFormat.QUERY) {
            section.fault("body", "a token must not travel in a URL");
        }
        section.finish();
        return revoke;
    }

    private static Identity identity(CatalogueSection section) {
        Identity identity = new Identity(
                section.choice("from", IdentitySource.USERINFO),
                section.text("url"),
                section.oneOf("method", "GET", "POST"),
                section.map("headers"),
                section.text("body"),
                section.text("auth_scheme", "Bearer"),
                section.pointer("id"),
                section.pointers("label"),
                section.pointer("email"),
                Scopes.parse(section.text("scope", "")).values());
        section.finish();
        return identity;
    }

    private static Api api(CatalogueSection section) {
        Api api = new Api(section.text("header", "Authorization: Bearer"), section.text("base"));
        section.finish();
        return api;
    }

    private static Errors errors(CatalogueSection section) {
        Set<String> permanent = lowerCase(section.list("permanent"));
        permanent.addAll(
                ProfileDefaults.ERRORS.permanent()); // RFC 6749 section 5.2: a list of more codes must not lose it
        Errors errors =
                new Errors(permanent, section.statuses("permanent_http"), lowerCase(section.list("rate_limited")));
        section.finish();
        return errors;
    }

    private static Set<String> lowerCase(List<String> texts) {
        return texts.stream()
                .map(text -> text.toLowerCase(Locale.ROOT))
                .collect(Collectors.toCollection(LinkedHashSet::new));
    }
}
