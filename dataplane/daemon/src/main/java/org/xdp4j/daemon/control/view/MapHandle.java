package org.xdp4j.daemon.control.view;

import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapSpec;

/**
 * A map of an attached program.
 *
 * @param map itself
 * @param name what its program calls it
 * @param spec what its program says of it
 * @param btf the types that {@code spec} refers to
 * @param program the program's name
 */
public record MapHandle(BpfMap map, String name, MapSpec spec, Btf btf, String program) {}
