package io.nexus.oauth.docs;

import java.io.IOException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The pages of the reference are what their sources say. */
class ReferenceTest {

    static Stream<Page> pages() {
        return Stream.of(
                new ConfigurationPage(),
                new ProblemsPage(),
                new StatusesPage(),
                new MetricsPage(),
                new AlertsPage(),
                new AuditOperationsPage(),
                new ProviderFilePage(),
                new ProvidersPage(),
                new CliPage(),
                new ApiPage());
    }

    @ParameterizedTest
    @MethodSource("pages")
    void pageIsWhatItsSourcesSay(Page page) throws IOException {
        Template.check(page);
    }
}
