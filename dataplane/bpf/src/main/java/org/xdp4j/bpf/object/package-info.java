/**
 * Object files: an ELF file that clang built becomes a {@link org.xdp4j.bpf.object.BpfObject} with
 * programs and map definitions, all relocations done. Depends on {@code isa}, {@code btf}, {@code
 * map} (for {@link org.xdp4j.bpf.map.MapSpec}) and {@code helper} (for the names of kernel
 * functions).
 */
package org.xdp4j.bpf.object;
