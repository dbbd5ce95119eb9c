/** The page that lists helpers and map types, held against the tables and tests it is made from. */
package org.xdp4j.bpf.reference;
