package io.nexus.oauth.web;

import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The layout of a page: header, navigation and the values that every page needs.
 *
 * @param caller the name of the signed-in caller in the audit trail
 * @param person the name of the caller for people
 * @param tenant the tenant whose data the page shows
 * @param named whether the address names the tenant; then all links of the page name it, too
 * @param several whether the caller has access to several tenants
 * @param roles the caller's roles in the tenant
 * @param rotates whether the caller may see and rotate the master keys
 * @param token the anti-forgery token of forms
 * @param here the address of the page
 * @param notice the result of the last action, or null
 * @param now the current time
 */
public record PageLayout(
        String caller,
        String person,
        String tenant,
        boolean named,
        boolean several,
        Set<String> roles,
        boolean rotates,
        String token,
        String here,
        PageLayouts.@Nullable Notice notice,
        Instant now) {

    private static final DateTimeFormatter EXACT = DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss 'UTC'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    /** Without the token. */
    @Override
    public String toString() {
        return "PageLayout[" + here + "]";
    }

    /** The address of another page, for the same tenant. */
    public String to(String path) {
        return named ? path + (path.contains("?") ? "&" : "?") + "tenant=" + tenant : path;
    }

    /** The address of the list of the credentials in a state at a provider. */
    public String credentials(String state, String provider) {
        return to("/ui/credentials?state=" + state + "&provider=" + provider);
    }

    /** The address of the page of a credential. */
    public String credential(UUID id) {
        return to("/ui/credentials/" + id);
    }

    /** The address for the action {@code act} on a credential. */
    public String credential(UUID id, String act) {
        return to("/ui/credentials/" + id + "/" + act);
    }

    /** The address of the page of the OAuth client at a provider. */
    public String client(String provider) {
        return to("/ui/clients/" + provider);
    }

    /** The address that deletes the OAuth client at a provider. */
    public String clientDeletion(String provider) {
        return to("/ui/clients/" + provider + "/delete");
    }

    /** The address of the page of a tenant. */
    public String tenantPage(String name) {
        return to("/ui/tenants/" + name);
    }

    /** The address of the audit trail of a credential. */
    public String audit(UUID credential) {
        return to("/ui/audit?credential_id=" + credential);
    }

    /** The name of an audit operation as words. */
    public String sentence(String operation) {
        String words = operation.replace('_', ' ').replaceFirst("^api ", "API ");
        return words.isEmpty() ? words : words.substring(0, 1).toUpperCase(Locale.ROOT) + words.substring(1);
    }

    /** The address that creates a link for the account of a credential. */
    public String reconnection(UUID id) {
        return to("/ui/connect/" + id);
    }

    /** The address of the page that shows what became of a link. */
    public String link(UUID session) {
        return to("/ui/connect/links/" + session);
    }

    /** The address of the form for a link to a provider. */
    public String connect(String provider) {
        return to("/ui/connect?provider=" + provider);
    }

    /** The address of the script. */
    public String script() {
        return PageResponses.SCRIPT;
    }

    /** Whether the caller has {@code role}. */
    public boolean may(String role) {
        return roles.contains(role);
    }

    /** Whether the caller may see credentials. */
    public boolean seesCredentials() {
        return may("connector") || may("tenant-admin");
    }

    /** Whether the caller may see the providers. */
    public boolean seesProviders() {
        return seesCredentials() || may("admin");
    }

    /** Whether the caller may see the OAuth clients. */
    public boolean seesClients() {
        return may("tenant-admin") || may("admin");
    }

    /** Whether the caller may see the audit trail. */
    public boolean seesAudit() {
        return may("tenant-admin") || may("auditor");
    }

    /**
     * The pages that the menu leads to, for this caller.
     *
     * <p>A new page of the menu needs a line here and nothing else.
     */
    public List<MenuItem> menu() {
        return Stream.of(
                        new MenuItem("Overview", "/ui", true),
                        new MenuItem("Credentials", "/ui/credentials", seesCredentials()),
                        new MenuItem("Providers", "/ui/providers", seesProviders()),
                        new MenuItem("Clients", "/ui/clients", seesClients()),
                        new MenuItem("Audit", "/ui/audit", seesAudit()),
                        new MenuItem("API keys", "/ui/api-keys", may("admin")),
                        new MenuItem("Policies", "/ui/policies", rotates),
                        new MenuItem("Tenants", "/ui/tenants", rotates),
                        new MenuItem("Health", "/ui/health", rotates),
                        new MenuItem("Keys", "/ui/keys", rotates))
                .filter(MenuItem::shown)
                .toList();
    }

    /**
     * An item of the menu.
     *
     * @param name the name of the page
     * @param path its path
     * @param shown whether the caller can open it
     */
    public record MenuItem(String name, String path, boolean shown) {

        /** The id of the link. With it the script keeps the keyboard's focus over a change of the page. */
        public String id() {
            return "nav-" + name.toLowerCase(Locale.ROOT).replace(' ', '-');
        }
    }

    /** Whether the page belongs to the menu item {@code section}. */
    public boolean isAt(String section) {
        String path = here.split("\\?", 2)[0];
        return section.equals("/ui") ? path.equals("/ui") : path.equals(section) || path.startsWith(section + "/");
    }

    /** The distance of a time from now, in words. */
    public String ago(Instant at) {
        Duration distance = Duration.between(at, now).abs();
        String words = words(distance);
        if (words.isEmpty()) {
            return "just now";
        }
        return at.isAfter(now) ? "in " + words : words + " ago";
    }

    /** The time in UTC, to the second. */
    public String exact(Instant at) {
        return EXACT.format(at);
    }

    private static String words(Duration distance) {
        if (distance.toSeconds() < 10) {
            return "";
        }
        if (distance.toMinutes() < 1) {
            return distance.toSeconds() + " seconds";
        }
        if (distance.toHours() < 1) {
            return count(distance.toMinutes(), "minute");
        }
        if (distance.toDays() < 2) {
            return count(distance.toHours(), "hour");
        }
        return distance.toDays() < 120 ? count(distance.toDays(), "day") : count(distance.toDays() / 30, "month");
    }

    private static String count(long number, String unit) {
        return number + " " + unit + (number == 1 ? "" : "s");
    }
}
