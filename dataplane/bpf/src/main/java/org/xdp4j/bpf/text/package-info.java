/**
 * Keys, values and entries of maps as people write and read them.
 *
 * <p>An <em>entry</em> is {@code KEY=VALUE}, or {@code KEY:VALUE} where the key has no colon of its
 * own. Keys and values are typed by BTF:
 *
 * <pre>
 *  53  -1  0x35  'a'  true       numbers, checked against the width of their type
 *  XDP_DROP                      a name of one of the object's enums, or an XDP action
 *  192.0.2.1                     an IPv4 address for anything of 4 bytes, in network order
 *  2001:db8::1                   an IPv6 address for anything of 16 bytes
 *  02:00:00:00:00:01             a MAC address for anything of 6 bytes
 *  192.0.2.0/24                  the key of an LPM trie
 *  "eth0"                        characters of an array, zeros behind them
 *  {port: 53, flags: [1, 2]}     a struct's fields by name, an array's elements in order
 *  {17, 0, 53}                   a struct's fields in order; a lone number is the first field
 *  htons(53)  htonl(1)           numbers put in network order
 *  hex(00 35)                    bytes as they lie in memory
 * </pre>
 *
 * Numbers of the types {@code __be16}, {@code __be32} and {@code __be64} are put in network order
 * by themselves. Fields that are not named keep what they held, or are zero in a new entry;
 * elements of an array that are left out are zero.
 *
 * <p>Uses {@code map}, {@code btf} and {@code object}.
 */
package org.xdp4j.bpf.text;
