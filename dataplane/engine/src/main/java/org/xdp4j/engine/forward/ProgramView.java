package org.xdp4j.engine.forward;

import java.nio.file.Path;
import java.time.Instant;
import java.util.List;

/**
 * An attached program as it is now.
 *
 * @param name of the plan's program
 * @param function the program's own name
 * @param object the file it is from
 * @param ports the ports it is attached to
 * @param since when this version of it was attached
 * @param instructions how many it has
 * @param runs frames it was run on by what it returned: aborted, drop, pass, tx, redirect, other
 * @param faults runs that ended in a fault of the machine, and so in XDP_ABORTED
 */
public record ProgramView(
    String name,
    String function,
    Path object,
    List<String> ports,
    Instant since,
    int instructions,
    List<Long> runs,
    long faults) {}
