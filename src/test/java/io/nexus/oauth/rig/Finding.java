package io.nexus.oauth.rig;

import java.util.ArrayList;
import java.util.List;

/** One invariant and what became of it in a run. */
final class Finding {

    final String name;
    final String says;
    long checked;
    final List<String> violations = new ArrayList<>();
    final List<String> listed = new ArrayList<>();

    Finding(String name, String says) {
        this.name = name;
        this.says = says;
    }

    void violation(String format, Object... values) {
        violations.add(String.format(format, values));
    }

    /** Nothing wrong, but to be told. */
    void note(String format, Object... values) {
        listed.add(String.format(format, values));
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder(String.format(
                "%-4s %-62s checked %7d   %s",
                name, says, checked, violations.isEmpty() ? "ok" : violations.size() + " VIOLATED"));
        violations.stream().limit(12).forEach(each -> text.append("\n       ! ").append(each));
        listed.stream().limit(12).forEach(each -> text.append("\n       - ").append(each));
        if (listed.size() > 12) {
            text.append("\n       - and ").append(listed.size() - 12).append(" more");
        }
        return text.toString();
    }
}
