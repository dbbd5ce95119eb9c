package org.xdp4j.bpf.verifier;

import org.xdp4j.bpf.object.LineInfo;

/**
 * Something that is accepted, and most likely a mistake.
 *
 * @param cause the class of mistake
 * @param reason what it is
 * @param instruction its index
 * @param text that instruction as {@code llvm-objdump} prints it
 * @param line its source line, or null
 * @param advice what would mend it
 */
public record Warning(
    Cause cause, String reason, int instruction, String text, LineInfo line, String advice) {}
