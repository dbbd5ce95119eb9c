package org.xdp4j.daemon.cli;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.xdp4j.bpf.XdpProgram;
import org.xdp4j.bpf.object.BpfProgram;
import org.xdp4j.bpf.object.ProgramType;

/**
 * A function of a program in whose place another program stands ({@code freplace}).
 *
 * @param file the object file that the other program is from
 */
record Replacement(String target, String function, String program, String file) {
  /** The option that says which function a program replaces. */
  static final String OPTION = "--attach-to";

  /**
   * What a program is to replace.
   *
   * @param program its name
   * @param target the name of the program that the function is one of; null for the only one that
   *     has it
   */
  record Wanted(String program, String target, String function) {
    /** The program that has the function. */
    XdpProgram target(List<XdpProgram> programs) throws CliException {
      List<XdpProgram> having =
          programs.stream()
              .filter(each -> target == null ? has(each) : each.name().equals(target))
              .toList();
      if (having.size() == 1) {
        return having.getFirst();
      }
      if (having.isEmpty()) {
        throw CliException.unusable(
            target == null
                ? "%s replaces function %s, which no program that is run has"
                    .formatted(program, function)
                : "%s %s=%s:%s: no program %s is run"
                    .formatted(OPTION, program, target, function, target));
      }
      throw CliException.unusable(
          "%s replaces function %s, which several programs have: say of which with %s"
              .formatted(
                  program,
                  function,
                  having.stream()
                      .map(each -> OPTION + " " + program + "=" + each.name() + ":" + function)
                      .collect(Collectors.joining(" or "))));
    }

    private boolean has(XdpProgram of) {
      return of.verified().program().function(function) != null;
    }
  }

  /**
   * What programs replace, by their names: what options say, and what the sections of {@code
   * freplace} programs name.
   *
   * @param options {@code PROGRAM=TARGET:FUNCTION}
   */
  static Map<String, Wanted> wanted(List<String> options, List<BpfProgram> programs)
      throws CliException {
    Map<String, Wanted> wanted = new HashMap<>();
    for (String text : options) {
      int equals = text.indexOf('=');
      int colon = text.indexOf(':', equals + 1);
      if (equals <= 0 || colon <= equals + 1 || colon == text.length() - 1) {
        throw CliException.unusable(OPTION + " is PROGRAM=TARGET:FUNCTION, not " + text);
      }
      String name = text.substring(0, equals);
      if (programs.stream().noneMatch(program -> program.name().equals(name))) {
        throw CliException.unusable(OPTION + " " + text + ": no program " + name + " is run");
      }
      wanted.put(
          name, new Wanted(name, text.substring(equals + 1, colon), text.substring(colon + 1)));
    }
    for (BpfProgram program : programs) {
      if (program.type() == ProgramType.EXTENSION && !wanted.containsKey(program.name())) {
        String function = ProgramType.replacedBy(program.section());
        if (function == null) {
          throw CliException.unusable(
              "section %s of program %s names no function to replace: say which with %s %s=TARGET:FUNCTION"
                  .formatted(program.section(), program.name(), OPTION, program.name()));
        }
        wanted.put(program.name(), new Wanted(program.name(), null, function));
      }
    }
    return wanted;
  }
}
