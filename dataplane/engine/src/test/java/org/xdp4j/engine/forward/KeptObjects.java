package org.xdp4j.engine.forward;

import java.nio.file.Path;
import org.xdp4j.bpf.object.Clang;

/** Two versions of one object, which name the maps that a reload takes away differently. */
final class KeptObjects {
  private KeptObjects() {}

  static Path build(Path folder, int version) throws Exception {
    Path source = Path.of(KeptObjects.class.getResource("kept.bpf.c").toURI());
    Path object = folder.resolve("kept" + version + ".o");
    String own = "-DOWN=own" + version;
    String inner = "-DINNER=inner" + version;
    Clang.build(source, object, "-O2", "-g", "-mcpu=v3", own, inner);
    return object;
  }
}
