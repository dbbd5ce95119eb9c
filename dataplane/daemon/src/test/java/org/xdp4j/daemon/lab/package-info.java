/**
 * The daemon between hosts of the running kernel, in network namespaces: through {@code
 * dataplane/lab/run}, as people use it. Skipped where there is no root.
 */
package org.xdp4j.daemon.lab;
