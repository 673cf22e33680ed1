package io.nexus.oauth.provider.entry;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;
import org.jspecify.annotations.Nullable;

/**
 * A template variable of a profile.
 *
 * @param pattern the expression that a whole value must match, or null
 * @param fallback the value when none is given, or null
 * @param optional whether it may stay unset without a fallback
 * @param from {@code input} (the client registration), {@code callback:<parameter>}, {@code token:<pointer>}
 *     or {@code identity:<pointer>}
 * @param allowHosts exact host names, or suffixes that start with a dot; empty allows what the pattern allows
 */
public record ProfileVariable(
        @Nullable Pattern pattern, @Nullable String fallback, boolean optional, String from, List<String> allowHosts) {

    /** The value of {@code from} for a variable that only the client registration may set. */
    public static final String INPUT = "input";

    /** The most characters of a value. Patterns read foreign values, and some need a stack frame for each repetition. */
    public static final int MAX_LENGTH = 2_048;

    /** The variables that {@code vars} declares. */
    public static Map<String, ProfileVariable> read(CatalogueSection vars) {
        Map<String, ProfileVariable> variables = new LinkedHashMap<>();
        for (String name : vars.keys()) {
            if (!name.matches("[a-z][a-z0-9_]*") || name.equals(Template.CLIENT_ID)) {
                vars.fault(name, "a variable is named by a-z, 0-9 and _, and not client_id");
            }
            variables.put(name, variable(vars.child(name)));
        }
        return variables;
    }

    private static ProfileVariable variable(CatalogueSection section) {
        String from = section.text("from", ProfileVariable.INPUT);
        if (!from.matches("input|callback:[A-Za-z0-9_.-]+|(token|identity):/.+")) {
            section.fault("from", "must be input, callback:<parameter>, token:<pointer> or identity:<pointer>");
        }
        ProfileVariable variable = new ProfileVariable(
                pattern(section),
                section.text("default"),
                section.flag("optional", false),
                from,
                section.list("allow_hosts"));
        section.finish();
        return variable;
    }

    static @Nullable Pattern pattern(CatalogueSection section) {
        String text = section.text("pattern");
        try {
            return text == null ? null : Pattern.compile(text);
        } catch (PatternSyntaxException e) {
            section.fault("pattern", "is not a regular expression");
            return null;
        }
    }

    /** The faults of {@code given} values for the {@code declared} variables, by name; of missing ones too. */
    public static Map<String, String> faults(Map<String, ProfileVariable> declared, Map<String, String> given) {
        Map<String, String> faults = new LinkedHashMap<>();
        given.forEach((name, value) -> Optional.ofNullable(declared.get(name))
                .map(variable -> variable.fault(value))
                .orElseGet(() -> Optional.of("is no variable of the provider"
                        + (declared.isEmpty()
                                ? ". It has none"
                                : ". Its variables are: " + String.join(", ", declared.keySet()))))
                .ifPresent(fault -> faults.put(name, fault)));
        declared.forEach((name, variable) -> {
            if (variable.isRequired() && !given.containsKey(name)) {
                faults.put(name, "is required by the provider");
            }
        });
        return faults;
    }

    /** Nothing but the client registration gives it a value. */
    public boolean isRequired() {
        return from.equals(INPUT) && fallback == null && !optional;
    }

    /** The fault of {@code value}; empty when it is valid. */
    public Optional<String> fault(String value) {
        if (value.length() > MAX_LENGTH) {
            return Optional.of("must have " + MAX_LENGTH + " characters at most");
        }
        if (value.chars().anyMatch(Character::isISOControl)) {
            return Optional.of("must not contain control characters");
        }
        if (pattern != null && !pattern.matcher(value).matches()) {
            return Optional.of("must match " + pattern);
        }
        return allowHosts.isEmpty() || allowHosts.stream().anyMatch(allowed -> isHost(allowed, value))
                ? Optional.empty()
                : Optional.of("must name one of the allowed hosts: " + String.join(", ", allowHosts));
    }

    private static boolean isHost(String allowed, String value) {
        String host = value.replaceFirst("^https?://", "").replaceFirst("[:/?#].*$", "");
        return allowed.startsWith(".") ? host.endsWith(allowed) : host.equals(allowed);
    }
}
