/**
 * The eBPF machine's front: load an object file's programs and maps into a region, run them.
 * Everything else is in the packages below, which know nothing of this one.
 *
 * <pre>
 *  .o -&gt; object -&gt; BpfObject -&gt; verifier -&gt; VerifiedProgram -&gt; compiler -&gt; hidden class -&gt; XdpProgram
 * </pre>
 */
package org.xdp4j.bpf;
