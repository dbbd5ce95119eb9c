/**
 * BTF, the type format of eBPF objects (Documentation/bpf/btf.rst): its types as data, its {@code
 * .BTF.ext} line and function records, and values printed by their type. Depends on nothing.
 */
package org.xdp4j.bpf.btf;
