package io.nexus.oauth.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedServerIT {

    @TempDir
    Path directory;

    @AfterEach
    void stop() throws Exception {
        new ServerProcess(home()).stop();
    }

    @Test
    void startsOncePerHomeAndKeepsItsDataOverAStop() throws Exception {
        int port = EmbeddedServer.port(home());
        assertThat(EmbeddedServer.port(home())).isEqualTo(port);
        query(port, "create table kept as select 42 as answer");

        new ServerProcess(home()).stop();
        assertThat(home().data().resolve("postmaster.pid")).doesNotExist();

        assertThat(query(EmbeddedServer.port(home()), "select answer from kept"))
                .isEqualTo("42");
    }

    @Test
    void losesNothingThatWasCommittedAndLetsNobodyInWithoutThePassword() throws Exception {
        int port = EmbeddedServer.port(home());

        assertThat(query(port, "show fsync")).isEqualTo("on");
        assertThat(query(port, "show synchronous_commit")).isEqualTo("on");
        assertThat(query(port, "show listen_addresses")).isEqualTo("127.0.0.1");
        assertThat(query(port, "show max_connections")).isEqualTo("100");
        assertThat(query(port, "select rolsuper from pg_roles where rolname = current_user"))
                .isEqualTo("f");
        assertThatThrownBy(() -> DriverManager.getConnection(url(port), "postgres", "wrong"))
                .isInstanceOf(SQLException.class)
                .hasMessageContaining("password authentication failed");
    }

    @Test
    void startsBesideAFirstStartThatWasKilledHalfWay() throws Exception {
        Files.createDirectories(home().data());
        Files.writeString(home().data().resolve("postgresql.conf"), "");

        assertThat(query(EmbeddedServer.port(home()), "select 1")).isEqualTo("1");
    }

    @Test
    void stopsAServerLeftByAKilledProcessAndTakesOver() throws Exception {
        EmbeddedServer.port(home());
        long left = new ServerProcess(home()).find().orElseThrow().pid();

        new ServerProcess(home()).stopLeftover();

        // a process that has ended has no command any more, reaped or not
        assertThat(ProcessHandle.of(left).flatMap(p -> p.info().command())).isEmpty();
        assertThat(EmbeddedServer.port(home())).isPositive();
        assertThat(new ServerProcess(home()).find().orElseThrow().pid()).isNotEqualTo(left);
    }

    @Test
    void doesNotTakeAnotherProgramForItsServer() throws Exception {
        Process other = new ProcessBuilder("sleep", "60").start();
        try {
            Files.createDirectories(home().data());
            Path pidFile = home().data().resolve("postmaster.pid");
            Files.write(
                    pidFile, List.of(Long.toString(other.pid()), home().data().toString(), "0", "5432"));

            new ServerProcess(home()).stopLeftover();

            assertThat(other.isAlive()).isTrue();
            assertThat(pidFile).doesNotExist();
        } finally {
            other.destroy();
        }
    }

    private HomeDirectory home() {
        return HomeDirectory.of(directory.resolve("home").toString());
    }

    private String query(int port, String sql) throws SQLException {
        try (Connection connection = DriverManager.getConnection(url(port), "nexus", EmbeddedServer.password(home()));
                var statement = connection.createStatement()) {
            if (!statement.execute(sql)) {
                return "";
            }
            ResultSet rows = statement.getResultSet();
            rows.next();
            return rows.getString(1);
        }
    }

    private static String url(int port) {
        return "jdbc:postgresql://127.0.0.1:" + port + "/nexus";
    }
}
