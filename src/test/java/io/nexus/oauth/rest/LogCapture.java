package io.nexus.oauth.rest;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jboss.logmanager.ExtLogRecord;

/** Everything that the service logs while it is open. */
public final class LogCapture extends Handler implements AutoCloseable {

    private static final Logger ROOT = Logger.getLogger("");

    private final List<String> lines = new CopyOnWriteArrayList<>();
    private final Map<Logger, Level> levels = new ConcurrentHashMap<>();

    private LogCapture() {
        setLevel(Level.ALL);
        ROOT.addHandler(this);
    }

    public static LogCapture open() {
        return new LogCapture();
    }

    /** With what only a developer would switch on. */
    public static LogCapture openWithDebug(String... categories) {
        LogCapture capture = new LogCapture();
        for (String category : categories) {
            Logger logger = Logger.getLogger(category);
            capture.levels.put(logger, logger.getLevel() == null ? Level.INFO : logger.getLevel());
            logger.setLevel(Level.ALL);
        }
        return capture;
    }

    public List<String> lines() {
        return lines;
    }

    @Override
    public void publish(LogRecord event) {
        StringWriter text = new StringWriter();
        text.append(event instanceof ExtLogRecord known ? known.getFormattedMessage() : event.getMessage());
        if (event.getThrown() != null) {
            event.getThrown().printStackTrace(new PrintWriter(text, true));
        }
        lines.add(text.toString());
    }

    @Override
    public void flush() {}

    @Override
    public void close() {
        levels.forEach(Logger::setLevel);
        ROOT.removeHandler(this);
    }
}
