/**
 * JSON (RFC 8259) to plain Java values and back: objects are {@code Map<String, Object>} in their
 * order, arrays {@code List<Object>}, numbers {@code Long} or {@code Double}. Records are written
 * as objects whose members are named as their components are. Depends on nothing of xdp4j.
 */
package org.xdp4j.daemon.control.json;
