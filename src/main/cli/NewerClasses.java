import java.io.IOException;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassTransform;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * Copies a jar and gives its classes the format of Java 17. Java keeps no class of a format older than Java 6 in an AOT cache or a
 * class data sharing archive, and reads and verifies such a class at each start. The code of the methods stays as it is; what is
 * added is the stack maps that the newer format needs (JVMS 4.7.4).
 */
class NewerClasses {

    private static final int JAVA_6 = 50;
    private static final int JAVA_17 = 61;

    public static void main(String[] args) throws IOException {
        Path from = Path.of(args[0]);
        Path to = Path.of(args[1]);
        URL[] path = {from.toUri().toURL()};
        try (URLClassLoader loader = new URLClassLoader(path, null);
                ZipInputStream in = new ZipInputStream(Files.newInputStream(from));
                ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(to))) {
            ClassFile format = ClassFile.of(
                    ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
                    ClassFile.ClassHierarchyResolverOption.of(ClassHierarchyResolver.ofClassLoading(loader)));
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] content = in.readAllBytes();
                ZipEntry copy = new ZipEntry(entry.getName());
                copy.setTime(entry.getTime());
                out.putNextEntry(copy);
                out.write(entry.getName().endsWith(".class") ? newer(format, content) : content);
            }
        }
        Files.setLastModifiedTime(to, Files.getLastModifiedTime(from)); // a cache of the classes stays valid
    }

    private static byte[] newer(ClassFile format, byte[] content) {
        var type = format.parse(content);
        if (type.majorVersion() >= JAVA_6) {
            return content;
        }
        ClassTransform bodies = ClassTransform.transformingMethodBodies((code, each) -> code.with(each));
        return format.transformClass(type, bodies.andThen((copy, each) -> {
            if (each instanceof ClassFileVersion) {
                copy.withVersion(JAVA_17, 0);
            } else {
                copy.with(each);
            }
        }));
    }
}
