/**
 * Object files: an ELF file that clang built becomes a {@link org.xdp4j.bpf.object.BpfObject} with
 * programs and map definitions, all relocations done. Depends on {@code isa}, {@code btf} and
 * {@code map} (for {@link org.xdp4j.bpf.map.MapSpec}).
 */
package org.xdp4j.bpf.object;
