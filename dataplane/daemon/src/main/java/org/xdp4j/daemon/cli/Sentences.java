package org.xdp4j.daemon.cli;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.MissingParameterException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Turns what libraries throw into one sentence for a person. */
final class Sentences {
  private Sentences() {}

  /** Why the arguments cannot be used, and where help is. */
  static String of(ParameterException thrown) {
    ParameterException error = mostLikely(thrown);
    CommandLine command = error.getCommandLine();
    String name = command.getCommandSpec().qualifiedName();
    StringBuilder sentence = new StringBuilder(inWords(oneLine(error.getMessage())));
    if (error instanceof UnmatchedArgumentException unmatched) {
      if (command.getParent() == null && !unmatched.isUnknownOption()) {
        sentence.setLength(0);
        sentence
            .append("there is no verb '")
            .append(unmatched.getUnmatched().getFirst())
            .append("'");
      }
      var suggestions = unmatched.getSuggestions();
      if (!suggestions.isEmpty()) {
        sentence.append(", did you mean ").append(String.join(" or ", suggestions)).append("?");
      }
    }
    return sentence.append(" (see: ").append(name).append(" --help)").toString();
  }

  /**
   * What is missing is seldom the mistake where an option was misspelt, which picocli finds later.
   */
  private static ParameterException mostLikely(ParameterException error) {
    CommandLine command = error.getCommandLine();
    List<String> unknown =
        command.getUnmatchedArguments().stream().filter(a -> a.startsWith("-")).toList();
    return error instanceof MissingParameterException && !unknown.isEmpty()
        ? new UnmatchedArgumentException(command, unknown)
        : error;
  }

  /** Why {@code file} cannot be opened, read or written. */
  static String of(String file, String done, IOException error) {
    return file + " cannot be " + done + ": " + reason(error);
  }

  /** Something nobody foresaw. */
  static String ofInternal(Throwable error) {
    return "internal error, please report it: "
        + oneLine(error.toString())
        + " (XDP4J_DEBUG=1 shows where)";
  }

  private static String reason(IOException error) {
    return switch (error) {
      case NoSuchFileException e -> "there is no such file";
      case AccessDeniedException e -> "permission denied";
      case NotDirectoryException e -> "a part of its path is not a directory";
      case FileSystemException e when e.getReason() != null -> oneLine(e.getReason());
      default -> oneLine(String.valueOf(error.getMessage()));
    };
  }

  /** Types of Java are no words of the user's. */
  private static String inWords(String text) {
    return text.replaceFirst("' is not an? (int|long)$", "' is no whole number")
        .replaceFirst("' is not a (double|float)$", "' is no number");
  }

  private static String oneLine(String text) {
    return String.valueOf(text).strip().replaceAll("\\s*\\R\\s*", " ");
  }
}
