package org.xdp4j.testing;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.library.GeneralCodingRules;
import com.tngtech.archunit.library.dependencies.SliceAssignment;
import com.tngtech.archunit.library.dependencies.SliceIdentifier;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** One module of the reactor, and the rules its compiled classes and sources must keep. */
public final class Room {
  private final String basePackage;
  private final Path sources;
  private final JavaClasses classes;

  /**
   * @param basePackage the package all of the room's packages begin with
   * @param directory the module's folder, relative to the repository's
   */
  public Room(String basePackage, String directory) {
    this.basePackage = basePackage;
    this.sources = Path.of(System.getProperty("xdp4j.root"), directory, "src/main/java");
    this.classes =
        new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .withImportOption(location -> !location.contains("test-classes"))
            .importPackages(basePackage);
  }

  /** No package needs, by whatever detour, a package that needs it. */
  public void hasNoPackageCycle() {
    slices()
        .assignedFrom(new PackageSlices())
        .should()
        .beFreeOfCycles()
        .allowEmptyShould(true)
        .check(classes);
  }

  /** Each of {@code packages} uses only those before it; the base package may use all. */
  public void isLayered(List<String> packages) {
    for (int i = 0; i < packages.size(); i++) {
      for (String above : packages.subList(i + 1, packages.size())) {
        noClasses()
            .that(resideInAPackage(basePackage + "." + packages.get(i) + ".."))
            .should()
            .dependOnClassesThat(resideInAPackage(basePackage + "." + above + ".."))
            .allowEmptyShould(true)
            .check(classes);
      }
    }
  }

  /** Nothing here knows a class of {@code rooms}, which are base packages. */
  public void doesNotKnow(String... rooms) {
    for (String room : rooms) {
      noClasses()
          .should()
          .dependOnClassesThat(resideInAPackage(room + ".."))
          .allowEmptyShould(true)
          .check(classes);
    }
  }

  /** A library talks to its caller, not to the terminal. */
  public void leavesTheTerminalAlone() {
    GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS
        .allowEmptyShould(true)
        .check(classes);
  }

  /** Every package says what it is for in a package-info.java. */
  public void describesEveryPackage() throws IOException {
    try (Stream<Path> directories = Files.walk(sources)) {
      assertThat(directories.filter(Files::isDirectory).filter(Room::holdsSources).toList())
          .allSatisfy(directory -> assertThat(directory.resolve("package-info.java")).exists());
    }
  }

  private static boolean holdsSources(Path directory) {
    try (Stream<Path> files = Files.list(directory)) {
      return files.anyMatch(file -> file.toString().endsWith(".java"));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Each package a slice of its own, the base package too. */
  private final class PackageSlices implements SliceAssignment {
    @Override
    public SliceIdentifier getIdentifierOf(JavaClass javaClass) {
      String name = javaClass.getPackageName();
      boolean inside = name.equals(basePackage) || name.startsWith(basePackage + ".");
      return inside ? SliceIdentifier.of(name) : SliceIdentifier.ignore();
    }

    @Override
    public String getDescription() {
      return "packages of " + basePackage;
    }
  }
}
