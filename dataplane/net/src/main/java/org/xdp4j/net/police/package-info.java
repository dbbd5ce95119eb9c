/** How much is let through in what time. Depends on nothing. */
package org.xdp4j.net.police;
