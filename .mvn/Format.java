import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.spi.ToolProvider;
import java.util.stream.Stream;

/**
 * Runs google-java-format over every Java file of the reactor: {@code check} lists the files it
 * would change and fails, {@code apply} changes them. The formatter needs JDK 25 while Maven may
 * run on an older one, hence a program of its own that the build starts with the toolchain's Java.
 */
public final class Format {
  private Format() {}

  public static void main(String[] args) throws Exception {
    boolean apply = args[0].equals("apply");
    Path root = Path.of(args[1]);
    List<String> arguments = new ArrayList<>();
    if (apply) {
      arguments.add("--replace");
    } else {
      arguments.addAll(List.of("--dry-run", "--set-exit-if-changed"));
    }
    for (Path room : List.of(Path.of(".mvn"), Path.of("dataplane"), Path.of("bench"))) {
      addSources(root.resolve(room), arguments);
    }
    int status =
        ToolProvider.findFirst("google-java-format")
            .orElseThrow()
            .run(System.out, System.err, arguments.toArray(new String[0]));
    if (status != 0 && !apply) {
      System.err.println("The files above are not formatted; run: mvn -N verify -Pformat");
    }
    System.exit(status);
  }

  private static void addSources(Path directory, List<String> arguments) throws IOException {
    try (Stream<Path> files = Files.walk(directory)) {
      files
          .filter(file -> file.toString().endsWith(".java"))
          .filter(file -> !isBuilt(file))
          .map(Path::toString)
          .sorted()
          .forEach(arguments::add);
    }
  }

  private static boolean isBuilt(Path file) {
    for (Path part : file) {
      if (part.toString().equals("target")) {
        return true;
      }
    }
    return false;
  }
}
