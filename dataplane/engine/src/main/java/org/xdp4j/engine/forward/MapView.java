package org.xdp4j.engine.forward;

import org.xdp4j.bpf.map.BpfMap;
import org.xdp4j.bpf.map.MapSpec;
import org.xdp4j.bpf.object.BpfObject;

/**
 * A map of an attached program. The map may be read and written by any thread while it is attached.
 *
 * @param program the name of the plan's program that has it
 * @param name its name in that program
 * @param map the map itself
 * @param spec what that program says of it
 * @param object that program's object, whose types the spec means
 */
public record MapView(String program, String name, BpfMap map, MapSpec spec, BpfObject object) {}
