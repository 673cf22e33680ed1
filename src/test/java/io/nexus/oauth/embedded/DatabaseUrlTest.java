package io.nexus.oauth.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.quarkus.runtime.configuration.ConfigurationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DatabaseUrlTest {

    @ParameterizedTest
    @CsvSource({
        "jdbc:postgresql://db:5432/nexus, postgresql://db:5432/nexus",
        "jdbc:postgresql://db/nexus?sslmode=verify-full, postgresql://db/nexus?sslmode=verify-full",
        "jdbc:postgresql://[::1]:5432/n?currentSchema=oauth&user=a, postgresql://[::1]:5432/n?search_path=oauth&user=a",
    })
    void derivesBothWays(String jdbc, String reactive) {
        assertThat(DatabaseUrl.toReactive(jdbc)).isEqualTo(reactive);
        assertThat(DatabaseUrl.toJdbc(reactive)).isEqualTo(jdbc);
    }

    @Test
    void turnsTheUserBeforeTheHostIntoParameters() {
        assertThat(DatabaseUrl.toJdbc("postgres://a%40b:p%3A%26w@db:1/n?sslmode=require"))
                .isEqualTo("jdbc:postgresql://db:1/n?user=a%40b&password=p%3A%26w&sslmode=require");
        assertThat(DatabaseUrl.toJdbc("vertx-reactive:postgresql://a@db/n")).isEqualTo("jdbc:postgresql://db/n?user=a");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "jdbc:postgresql://one,two/nexus",
                "jdbc:postgresql:nexus",
                "jdbc:mysql://db/nexus",
                "jdbc:postgresql://db/nexus?sslrootcert=/ca.pem",
                "jdbc:postgresql://db/ne xus?password=hunter2",
            })
    void saysWhenItCannot(String jdbc) {
        assertThatThrownBy(() -> DatabaseUrl.toReactive(jdbc))
                .isInstanceOf(ConfigurationException.class)
                .hasMessageContaining("quarkus.datasource.reactive.url cannot be derived")
                .hasMessageEndingWith("Configure both.")
                .hasMessageNotContaining("hunter2");
    }
}
