package io.nexus.oauth.connect.theme;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Reads a logo and checks its type by its first bytes. A browser shows an SVG in an {@code img} without its scripts and
 * without anything of another host.
 */
final class LogoReader {

    /** The largest logo. */
    static final int MAX_BYTES = 64 * 1024;

    private static final byte[] PNG = {(byte) 0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'};
    private static final byte[] JPEG = {(byte) 0xff, (byte) 0xd8, (byte) 0xff};

    private LogoReader() {}

    /** The logo in {@code path}. Throws {@link IllegalArgumentException} with the fault. */
    static ThemeFile read(Path path) {
        byte[] content = content(path);
        if (startsWith(content, PNG)) {
            return ThemeFile.of(".png", "image/png", content);
        }
        if (startsWith(content, JPEG)) {
            return ThemeFile.of(".jpg", "image/jpeg", content);
        }
        if (isSvg(content)) {
            return ThemeFile.of(".svg", "image/svg+xml", content);
        }
        throw new IllegalArgumentException("must be a PNG, JPEG or SVG image");
    }

    private static byte[] content(Path path) {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] content = in.readNBytes(MAX_BYTES + 1);
            if (content.length > MAX_BYTES) {
                throw new IllegalArgumentException("must be " + MAX_BYTES / 1024 + " KiB at most");
            }
            return content;
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot be read", e);
        }
    }

    private static boolean startsWith(byte[] content, byte[] start) {
        return content.length > start.length && Arrays.equals(content, 0, start.length, start, 0, start.length);
    }

    /** Whether the root element is that of an SVG. A document type is not read: it could expand without end. */
    private static boolean isSvg(byte[] content) {
        XMLInputFactory factory = XMLInputFactory.newFactory();
        factory.setProperty(XMLInputFactory.SUPPORT_DTD, false);
        factory.setProperty(XMLInputFactory.IS_SUPPORTING_EXTERNAL_ENTITIES, false);
        try {
            XMLStreamReader reader = factory.createXMLStreamReader(new ByteArrayInputStream(content));
            while (reader.hasNext()) {
                if (reader.next() == XMLStreamReader.START_ELEMENT) {
                    return reader.getLocalName().equals("svg")
                            && "http://www.w3.org/2000/svg".equals(reader.getNamespaceURI());
                }
            }
            return false;
        } catch (XMLStreamException e) {
            return false;
        }
    }
}
