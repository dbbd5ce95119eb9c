/**
 * The eBPF machine's front: load an object file's programs and maps into a region, run them.
 * Everything else is in the packages below, which know nothing of this one.
 *
 * <pre>
 *  .o -&gt; object -&gt; BpfObject -&gt; verifier -&gt; VerifiedProgram -&gt; compiler -&gt; hidden class -&gt; XdpProgram
 * </pre>
 *
 * <p>What lives how long is as in Linux: each thing is there as long as something holds it.
 *
 * <pre>
 *  a LoadedObject  holds its programs and maps until it is closed (in Linux: its descriptors)
 *  a pin           holds its map
 *  an entry        of a program array, device or CPU map holds its program, one of a map of maps its map
 *  a timer, work   holds the program whose function it calls
 *  a program       holds the maps that it uses, and what stands in the place of its functions holds its own
 * </pre>
 *
 * So a program that was put into another's map goes on when its object is closed, on its own maps,
 * until another takes its place or that map goes. Objects and pins are a map's <em>users</em>. When
 * the last of them goes, a program array is emptied and timers and work end, though programs may
 * have the map yet: else an array, and the programs in it that jump through it, would hold each
 * other for ever. Device and CPU maps lose the entries whose programs use them, for the same
 * reason; there Linux does nothing, and keeps both until it is started anew.
 *
 * <p>What nothing leads to any more may have been found by runs that are under way. Whatever goes
 * by a change of a map therefore goes when these have ended ({@link
 * org.xdp4j.bpf.memory.Rcu#call}); who moves frames on after a run, as by a CPU map, says when that
 * is. Only closing an object does not wait: who closes it has seen to it that nobody runs its
 * programs but by entries.
 */
package org.xdp4j.bpf;
