package org.xdp4j.daemon.cli;

import com.fasterxml.jackson.core.JsonGenerator;
import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import org.xdp4j.bpf.XdpAction;
import org.xdp4j.bpf.XdpChain;

/** Tells what each program of a chain returned. */
final class ChainReport {
  /** The code above the last action, standing for all that are none. */
  private static final int UNKNOWN = XdpAction.values().length;

  private final XdpChain chain;

  ChainReport(XdpChain chain) {
    this.chain = chain;
  }

  /** A line a program, in the order they run. */
  void print(PrintStream out) {
    boolean unknown = false;
    for (int i = 0; i < chain.members().size(); i++) {
      unknown |= chain.verdicts(i, UNKNOWN) > 0;
    }
    int codes = unknown ? UNKNOWN + 1 : UNKNOWN;
    TextTable table = new TextTable("lrlr" + "r".repeat(codes));
    List<String> head = new ArrayList<>(List.of("program", "priority", "goes on after", "frames"));
    for (int code = 0; code < codes; code++) {
      head.add(name(code));
    }
    table.row(head.toArray(String[]::new));
    for (int i = 0; i < chain.members().size(); i++) {
      XdpChain.Member member = chain.members().get(i);
      List<String> row = new ArrayList<>();
      row.add(member.program().name());
      row.add(Long.toString(member.config().priority()));
      List<String> actions = member.config().actions();
      row.add(actions.isEmpty() ? "nothing" : String.join(", ", actions));
      row.add(Units.count(chain.runs(i)));
      for (int code = 0; code < codes; code++) {
        row.add(Units.count(chain.verdicts(i, code)));
      }
      table.row(row.toArray(String[]::new));
    }
    table.print(out, "  ");
  }

  /** An object a program. */
  void write(JsonGenerator array) throws IOException {
    for (int i = 0; i < chain.members().size(); i++) {
      int index = i;
      XdpChain.Member member = chain.members().get(i);
      Json.object(
          array,
          generator -> {
            generator.writeStringField("program", member.program().name());
            generator.writeNumberField("priority", member.config().priority());
            Json.array(
                generator,
                "chainCallActions",
                actions -> {
                  for (String action : member.config().actions()) {
                    actions.writeString(action);
                  }
                });
            generator.writeNumberField("frames", chain.runs(index));
            generator.writeObjectFieldStart("actions");
            for (int code = 0; code <= UNKNOWN; code++) {
              generator.writeNumberField(
                  code < UNKNOWN ? name(code) : "unknown", chain.verdicts(index, code));
            }
            generator.writeEndObject();
          });
    }
  }

  private static String name(int code) {
    return code < UNKNOWN ? "XDP_" + XdpAction.of(code) : "no action";
  }
}
