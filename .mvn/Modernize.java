import java.io.IOException;
import java.io.OutputStream;
import java.lang.classfile.ClassElement;
import java.lang.classfile.ClassFile;
import java.lang.classfile.ClassFileVersion;
import java.lang.classfile.ClassHierarchyResolver;
import java.lang.classfile.ClassModel;
import java.lang.classfile.CodeTransform;
import java.lang.classfile.MethodModel;
import java.lang.classfile.MethodTransform;
import java.lang.classfile.constantpool.ConstantPoolBuilder;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Collections;
import java.util.List;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;

/**
 * Rewrites the jars of a folder that hold classes older than Java 6, giving these stack maps and a
 * later version. The JVM's start-up cache takes no class without stack maps (it would have to
 * verify it anew in every run): a library compiled for Java 5 then costs each start more than all
 * the rest of the program. Nothing else about a class changes.
 */
public final class Modernize {
  /** The first version whose classes have stack maps is Java 6's. */
  private static final int JAVA_6 = 50;

  private Modernize() {}

  public static void main(String[] args) throws IOException {
    List<Path> jars;
    try (Stream<Path> files = Files.list(Path.of(args[0]))) {
      jars = files.filter(file -> file.toString().endsWith(".jar")).sorted().toList();
    }
    for (Path jar : jars) {
      if (isOld(jar)) {
        rewrite(jar);
      }
    }
  }

  private static boolean isOld(Path file) throws IOException {
    try (JarFile jar = new JarFile(file.toFile())) {
      for (JarEntry entry : Collections.list(jar.entries())) {
        if (isOld(entry.getName(), read(jar, entry))) {
          return true;
        }
      }
      return false;
    }
  }

  private static boolean isOld(String name, byte[] bytes) {
    return name.endsWith(".class") && bytes.length > 8 && bytes[6] == 0 && bytes[7] < JAVA_6;
  }

  private static byte[] read(JarFile jar, JarEntry entry) throws IOException {
    try (var stream = jar.getInputStream(entry)) {
      return stream.readAllBytes();
    }
  }

  private static void rewrite(Path file) throws IOException {
    Path fresh = file.resolveSibling(file.getFileName() + ".modern");
    try (JarFile jar = new JarFile(file.toFile());
        URLClassLoader own = new URLClassLoader(new URL[] {file.toUri().toURL()}, null);
        OutputStream stream = Files.newOutputStream(fresh);
        JarOutputStream out = new JarOutputStream(stream)) {
      ClassFile classFile =
          ClassFile.of(
              ClassFile.StackMapsOption.GENERATE_STACK_MAPS,
              ClassFile.ClassHierarchyResolverOption.of(
                  ClassHierarchyResolver.ofResourceParsing(own)
                      .orElse(ClassHierarchyResolver.defaultResolver())));
      for (JarEntry entry : Collections.list(jar.entries())) {
        byte[] bytes = read(jar, entry);
        JarEntry copy = new JarEntry(entry.getName());
        copy.setTimeLocal(entry.getTimeLocal());
        out.putNextEntry(copy);
        out.write(isOld(entry.getName(), bytes) ? modern(classFile, bytes) : bytes);
        out.closeEntry();
      }
    }
    Files.move(fresh, file, StandardCopyOption.REPLACE_EXISTING);
  }

  private static byte[] modern(ClassFile classFile, byte[] bytes) {
    ClassModel old = classFile.parse(bytes);
    return classFile.build(
        old.thisClass(),
        ConstantPoolBuilder.of(old),
        builder -> {
          for (ClassElement element : old) {
            switch (element) {
              case ClassFileVersion version -> builder.withVersion(ClassFile.JAVA_8_VERSION, 0);
              case MethodModel method ->
                  builder.transformMethod(
                      method, MethodTransform.transformingCode(CodeTransform.ACCEPT_ALL));
              default -> builder.with(element);
            }
          }
        });
  }
}
