/** Tests of lists and trees in the region. */
package org.xdp4j.bpf.graph;
