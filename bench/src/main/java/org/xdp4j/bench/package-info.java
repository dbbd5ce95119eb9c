/** Benchmarks, and the peers they are held against. */
package org.xdp4j.bench;
