package org.xdp4j.bpf;

import org.xdp4j.bpf.map.ProgramArrayMap;

/**
 * What an object puts into a slot of a program array that was there before it, when that is left to
 * who loads it ({@link LoadOptions#leaveSharedArrays}).
 */
public record SharedSlot(ProgramArrayMap array, int slot, XdpProgram program) {}
