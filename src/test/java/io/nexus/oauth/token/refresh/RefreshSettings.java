package io.nexus.oauth.token.refresh;

import io.nexus.oauth.token.grant.RefreshConfig;
import io.smallrye.config.PropertiesConfigSource;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Map;
import java.util.stream.Collectors;

/** The defaults of {@link RefreshConfig} with some keys changed, read as the service reads them. */
public final class RefreshSettings {

    private RefreshSettings() {}

    /** For example {@code Map.of("max-wait", "1s")}. */
    public static RefreshConfig with(Map<String, String> changed) {
        Map<String, String> keys = changed.entrySet().stream()
                .collect(Collectors.toMap(each -> "nexus.oauth.refresh." + each.getKey(), Map.Entry::getValue));
        return new SmallRyeConfigBuilder()
                .addDiscoveredConverters()
                .withMapping(RefreshConfig.class)
                .withSources(new PropertiesConfigSource(keys, "test", 100))
                .build()
                .getConfigMapping(RefreshConfig.class);
    }
}
