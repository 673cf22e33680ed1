package io.nexus.oauth.cli.transfer;

import io.nexus.oauth.cli.terminal.CommandFailure;
import io.nexus.oauth.cli.terminal.ExitCode;
import io.nexus.oauth.cli.terminal.Shell;
import io.nexus.oauth.cli.terminal.Text;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Locale;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** The database of the original Nexus, opened read-only. Its methods block. */
final class NexusDatabase implements AutoCloseable {

    private static final int FETCH_SIZE = 500;

    /** Hosts, ports, database and options, as the driver parses them. For anything else its error would quote a password. */
    private static final Pattern ADDRESS = Pattern.compile(
            "(?:[^\\s/@?:,\\[\\]]*|\\[[0-9A-Fa-f:]+\\])(?::\\d{1,5})?(?:,[^\\s/@?:,]+(?::\\d{1,5})?)*/[^\\s@?]*(?:\\?[^\\s@]*)?");

    private final Connection connection;

    private NexusDatabase(Connection connection) {
        this.connection = connection;
    }

    /** Opens the SQLite file or PostgreSQL URL {@code place}, in the forms that the original accepts. */
    static NexusDatabase open(Shell shell, String place) {
        String url = place.replaceFirst("^jdbc:", "").replaceFirst("^(postgres(?:ql)?)\\+\\w+:", "$1:");
        if (url.matches("(?!sqlite:|postgres(ql)?:)\\w+://.*")) { // not quoted: it may contain a password
            throw CommandFailure.usage("a database of Nexus is a SQLite file or postgresql://USER@HOST:PORT/DATABASE");
        }
        try {
            return url.matches("postgres(ql)?://.*") ? postgres(shell, url) : sqlite(shell, url);
        } catch (SQLException e) {
            throw CommandFailure.usage("cannot open the database: " + Text.clean(e.getMessage()));
        }
    }

    private static NexusDatabase postgres(Shell shell, String url) throws SQLException {
        Properties properties = new Properties();
        shell.env("PGPASSWORD").ifPresent(password -> properties.setProperty("password", password));
        String address = url.replaceFirst("^postgres(ql)?://", "");
        int at = address.lastIndexOf('@', address.indexOf('?') < 0 ? address.length() : address.indexOf('?'));
        if (at > 0) {
            String[] login = address.substring(0, at).split(":", 2);
            properties.setProperty("user", decoded(login[0]));
            if (login.length > 1) {
                shell.warn("other users can see a password on the command line: use PGPASSWORD or ~/.pgpass");
                properties.setProperty("password", decoded(login[1]));
            }
            address = address.substring(at + 1);
        }
        properties.setProperty("ApplicationName", "nexus-oauth-import");
        if (!ADDRESS.matcher(address).matches()) {
            throw CommandFailure.usage(
                    "use postgresql://USER@HOST:PORT/DATABASE; write @ and ? in user and password as %40 and %3F");
        }
        Connection connection = DriverManager.getConnection("jdbc:postgresql://" + address, properties);
        connection.setReadOnly(true);
        // otherwise the driver loads the whole table before the first row
        connection.setAutoCommit(false);
        return new NexusDatabase(connection);
    }

    private static NexusDatabase sqlite(Shell shell, String url) throws SQLException {
        Path file = shell.expanded(url.replaceFirst("^sqlite:(///)?", "")).toAbsolutePath();
        if (!Files.isRegularFile(file)) {
            throw new CommandFailure(ExitCode.NOT_FOUND, "file not found: " + file);
        }
        return new NexusDatabase(
                DriverManager.getConnection("jdbc:sqlite:file:" + file.toUri().getRawPath() + "?mode=ro"));
    }

    private static String decoded(String text) {
        return java.net.URLDecoder.decode(text.replace("+", "%2B"), java.nio.charset.StandardCharsets.UTF_8);
    }

    /** The columns of {@code table}; empty when the table does not exist. */
    Set<String> columns(String table) throws SQLException {
        Set<String> columns = new TreeSet<>();
        try (Statement statement = connection.createStatement();
                ResultSet nothing = statement.executeQuery("SELECT * FROM " + table + " WHERE 1 = 0")) {
            ResultSetMetaData described = nothing.getMetaData();
            for (int i = 1; i <= described.getColumnCount(); i++) {
                columns.add(described.getColumnName(i).toLowerCase(Locale.ROOT));
            }
        } catch (SQLException e) {
            if (!connection.getAutoCommit()) {
                connection.rollback();
            }
        }
        return columns;
    }

    /** The first column of the first row of {@code sql}. */
    Optional<String> one(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery(sql)) {
            return row.next() ? Optional.ofNullable(row.getString(1)) : Optional.empty();
        }
    }

    /** Streams the rows of {@code sql}. Closing the result closes its statement. */
    ResultSet rows(String sql) throws SQLException {
        Statement statement = connection.createStatement();
        statement.closeOnCompletion();
        statement.setFetchSize(FETCH_SIZE);
        return statement.executeQuery(sql);
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
