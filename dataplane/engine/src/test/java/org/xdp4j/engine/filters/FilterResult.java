package org.xdp4j.engine.filters;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.xdp4j.bpf.XdpAction;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfPrinter;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfObject;

/** What a golden file says of one filter on one capture. */
final class FilterResult {
  /** What was never counted is left out: it would hide what was. */
  private static final Pattern ZERO =
      Pattern.compile("\"\\w+\": \\{\"frames\": 0, \"bytes\": 0\\}(, )?");

  private final StringBuilder text = new StringBuilder();

  private FilterResult() {}

  /** Runs {@code machine} over {@code frames} and puts into words what came of it. */
  static String of(
      String title, FilterCase filter, FilterMachine machine, List<CapturedFrame> frames) {
    FilterResult result = new FilterResult();
    result.line("== " + title);
    TreeMap<String, Map<Bytes, byte[]>> before = machine.maps();
    result.run(machine, frames);
    result.changes(filter.object(), before, machine.maps());
    return result.text.toString();
  }

  private void run(FilterMachine machine, List<CapturedFrame> frames) {
    MessageDigest digest = sha256();
    Map<String, Integer> verdicts = new TreeMap<>();
    for (CapturedFrame frame : frames) {
      FilterMachine.Outcome outcome = machine.run(frame);
      String action = XdpAction.of(outcome.returnCode()).name();
      boolean redirect = action.equals(XdpAction.REDIRECT.name());
      verdicts.merge(redirect ? action + " to " + outcome.target() : action, 1, Integer::sum);
      digest.update(
          ByteBuffer.allocate(8)
              .putInt(outcome.returnCode())
              .putInt(outcome.data().length)
              .array());
      digest.update(outcome.data());
      digest.update((redirect ? outcome.target() : "").getBytes(StandardCharsets.US_ASCII));
    }
    line("frames " + frames.size());
    verdicts.forEach((verdict, count) -> line(verdict + " " + count));
    line("sha256 " + HexFormat.of().formatHex(digest.digest()));
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private void changes(
      BpfObject object,
      TreeMap<String, Map<Bytes, byte[]>> before,
      TreeMap<String, Map<Bytes, byte[]>> after) {
    after.forEach(
        (name, entries) -> {
          MapSpec spec =
              object.maps().stream().filter(m -> m.name().equals(name)).findFirst().orElseThrow();
          changes(object.btf(), spec, before.get(name), entries);
        });
  }

  private void changes(Btf btf, MapSpec spec, Map<Bytes, byte[]> before, Map<Bytes, byte[]> after) {
    after.forEach(
        (key, value) -> {
          if (!Arrays.equals(before.get(key), value)) {
            String keyText = BtfPrinter.text(btf, spec.keyBtf(), key.value());
            String valueText = BtfPrinter.text(btf, spec.valueBtf(), value);
            String counted = ZERO.matcher(valueText).replaceAll("").replace(", }", "}");
            line(spec.name() + " " + keyText + " = " + counted);
          }
        });
  }

  private void line(String line) {
    text.append(line).append('\n');
  }
}
