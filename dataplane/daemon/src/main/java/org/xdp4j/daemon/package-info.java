/** What people touch: the command line. */
package org.xdp4j.daemon;
