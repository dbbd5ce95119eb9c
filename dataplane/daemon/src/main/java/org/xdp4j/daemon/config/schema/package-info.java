/**
 * What a configuration file may say: sections, their keys and the types of their values, each
 * declared once. Reading a file, refusing what it may not say and the reference page all come from
 * these declarations.
 *
 * <p>A file is read to its end whatever is wrong with it: each mistake becomes a {@link
 * org.xdp4j.daemon.config.schema.Problem} with its place, and reading goes on as if the key had not
 * been there.
 */
package org.xdp4j.daemon.config.schema;
