package org.xdp4j.daemon.cli;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.xdp4j.bpf.object.ObjectReader;
import org.xdp4j.daemon.control.client.ClientException;
import org.xdp4j.daemon.control.client.ControlClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code xdp4j program}: changes what runs on a daemon's ports. */
final class ProgramVerbs {
  private ProgramVerbs() {}

  static Verb group(Console console) {
    Map<String, Function<Console, Verb>> verbs = new LinkedHashMap<>();
    verbs.put("load", Load::new);
    verbs.put("replace", Replace::new);
    verbs.put("detach", Detach::new);
    return new VerbGroup(
        console,
        "Attaches, replaces and detaches programs of a running daemon, without losing a frame.",
        List.of(
            "  xdp4j program load --port lan filters/firewall.bpf.o",
            "  xdp4j program replace --port lan filters/firewall.bpf.o",
            "  xdp4j program detach --port lan"),
        verbs);
  }

  /** What load and replace share. */
  abstract static class OfObject extends DaemonVerb {
    @Option(
        names = {"-p", "--port"},
        required = true,
        paramLabel = "PORT",
        description = "The port whose frames it runs on.")
    private String port;

    @Option(
        names = "--map",
        paramLabel = "NAME=ENTRY",
        description = "What is put into its maps and global variables first; may be repeated.")
    private List<String> maps = List.of();

    @Parameters(
        paramLabel = "OBJ[:NAME]",
        description = "An object file that clang built; NAME picks one of its programs.")
    private String object;

    OfObject(Console console) {
      super(console);
    }

    final void send(ControlClient daemon, String method) throws ClientException, CliException {
      ObjectFile file = ObjectFile.parse(object);
      StringBuilder target = new StringBuilder("/v1/ports/");
      target.append(ControlClient.encode(port)).append("/program?file=");
      target.append(ControlClient.encode(file.file().toString()));
      if (file.program() != null) {
        target.append("&program=").append(ControlClient.encode(file.program()));
      }
      for (String map : maps) {
        target.append("&map=").append(ControlClient.encode(map));
      }
      daemon.send(method, target.toString(), "application/octet-stream", bytes(file.file()));
      if (json) {
        Json.line(
            console.out(),
            generator -> {
              generator.writeStringField("port", port);
              generator.writeStringField("object", file.file().toString());
            });
      }
    }

    private static byte[] bytes(Path file) throws CliException {
      if (Files.isDirectory(file)) {
        throw CliException.unusable(file + ": this is a directory, not an object file");
      }
      try (InputStream stream = Files.newInputStream(file)) {
        byte[] bytes = stream.readNBytes(ObjectReader.MAX_FILE_SIZE + 1);
        if (bytes.length > ObjectReader.MAX_FILE_SIZE) {
          throw CliException.unusable(
              file + ": an object file has at most " + (ObjectReader.MAX_FILE_SIZE >> 20) + " MiB");
        }
        return bytes;
      } catch (IOException e) {
        throw CliException.unusable(Sentences.of(file.toString(), "read", e), e);
      }
    }
  }

  /** {@code program load}. */
  @Command(
      name = "load",
      description = {
        "Verifies and compiles a program and attaches it to a port that has none.",
        "",
        "The daemon takes the object's bytes; it need not be able to read the file."
      },
      footer = "  xdp4j program load --port lan filters/firewall.bpf.o")
  static final class Load extends OfObject {
    Load(Console console) {
      super(console);
    }

    @Override
    int run(ControlClient daemon) throws ClientException, CliException {
      send(daemon, "POST");
      return ExitStatus.OK;
    }
  }

  /** {@code program replace}. */
  @Command(
      name = "replace",
      description = {
        "Puts a program in the place of whatever is on a port, between two batches of frames.",
        "",
        "Maps of the same name and shape keep what they hold. When the new program is refused, the"
            + " old one goes on."
      },
      footer = "  xdp4j program replace --port lan filters/firewall.bpf.o")
  static final class Replace extends OfObject {
    Replace(Console console) {
      super(console);
    }

    @Override
    int run(ControlClient daemon) throws ClientException, CliException {
      send(daemon, "PUT");
      return ExitStatus.OK;
    }
  }

  /** {@code program detach}. */
  @Command(
      name = "detach",
      description = "Takes the program of a port away; its frames go to the stack as they come.",
      footer = "  xdp4j program detach --port lan")
  static final class Detach extends DaemonVerb {
    @Option(
        names = {"-p", "--port"},
        paramLabel = "PORT",
        description = "The port whose program is taken away.")
    private String option;

    @Parameters(arity = "0..1", paramLabel = "PORT", description = "The same without the option.")
    private String parameter;

    Detach(Console console) {
      super(console);
    }

    @Override
    int run(ControlClient daemon) throws ClientException, CliException {
      if ((option == null) == (parameter == null)) {
        throw CliException.unusable("name one port, as in: xdp4j program detach --port lan");
      }
      String port = option == null ? parameter : option;
      daemon.send("DELETE", "/v1/ports/" + ControlClient.encode(port) + "/program", null);
      if (json) {
        Json.line(console.out(), generator -> generator.writeStringField("port", port));
      }
      return ExitStatus.OK;
    }
  }
}
