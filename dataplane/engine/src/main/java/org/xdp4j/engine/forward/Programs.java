package org.xdp4j.engine.forward;

import java.util.List;
import org.xdp4j.engine.plan.ProgramPlan;

/** Programs of a running forwarder. Changes made here change its plan too. */
public final class Programs {
  private final Control control;

  Programs(Control control) {
    this.control = control;
  }

  /** The attached programs, one for each of a chain. */
  public List<ProgramView> list() {
    return control.programViews();
  }

  /**
   * Loads a program and attaches it to its ports, which have none; or, when one of that name is
   * there, puts it in its place: it is verified and compiled first, its maps are kept where name
   * and shape are the same, and each worker goes over to it between two batches.
   *
   * @throws ForwarderException saying why it is refused; then nothing changed
   */
  public void load(ProgramPlan program) throws ForwarderException {
    control.loadProgram(program);
  }

  /**
   * Puts another program in the place of whatever is on a port.
   *
   * @throws ForwarderException saying why it is refused; then nothing changed
   */
  public void replace(String port, ProgramPlan program) throws ForwarderException {
    control.replaceProgram(port, program);
  }

  /**
   * Takes whatever is on a port away; the stack gets its frames as they come.
   *
   * @throws ForwarderException when there is no such port, or nothing on it
   */
  public void detach(String port) throws ForwarderException {
    control.detachProgram(port);
  }
}
