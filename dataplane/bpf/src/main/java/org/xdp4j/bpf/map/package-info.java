/**
 * eBPF maps: one file a type. The semantics and return codes are the kernel's (linux/bpf.h,
 * kernel/bpf/*map*.c, net/xdp/xskmap.c); tests hold each type against a plain model and against the
 * running kernel's own map.
 *
 * <p>Keys and values are in the {@link org.xdp4j.bpf.memory.Region}, so that programs can point at
 * them; indexes, chains, locks and lists of free elements are Java objects that no program can
 * reach. Lookups take no lock and allocate nothing.
 *
 * <p>Words used here:
 *
 * <ul>
 *   <li><b>definition</b>: a {@link org.xdp4j.bpf.map.MapSpec}, from which {@link
 *       org.xdp4j.bpf.map.MapFactory} makes a map or refuses to, in a sentence;
 *   <li><b>element</b>: where a hash keeps one key, and its value when it is not per-CPU; numbered
 *       from 0, in a bucket, or free, or a spare;
 *   <li><b>slot</b>: where an array keeps one value;
 *   <li><b>program side</b>: {@code lookup}, {@code update}, {@code delete}, by addresses, on any
 *       worker; <b>user space</b>: {@code get}, {@code put}, {@code remove}, {@code keys}, by byte
 *       arrays, on any other thread, or {@link org.xdp4j.bpf.map.MapCommands}, which is bpf(2) with
 *       its errors and batches;
 *   <li><b>user</b>: who reaches a map as user space does, an object or a pin ({@link
 *       org.xdp4j.bpf.map.BpfMap#hold}); <b>reference</b>: what keeps it alive without, of a
 *       program that uses it and of a map that it is in. The package above says what that means;
 *   <li><b>budget</b>: what some maps may take together, {@link org.xdp4j.bpf.map.MapBudget}.
 * </ul>
 *
 * <p>A new type is a class that extends {@link org.xdp4j.bpf.map.BpfMap}, with a static {@code
 * check} of its definition, and two lines in {@code MapFactory}.
 *
 * <p>Depends on {@code memory}, {@code graph} and {@code context}.
 */
package org.xdp4j.bpf.map;
