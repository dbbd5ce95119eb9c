/**
 * The command line: one class a verb, picocli reading the arguments.
 *
 * <p>A verb gets a {@link org.xdp4j.daemon.cli.Console} to talk through and never touches the
 * process's own streams, so that tests run it in process. It ends with an exit status or with a
 * {@link org.xdp4j.daemon.cli.CliException} that holds one sentence for the user; {@link
 * org.xdp4j.daemon.cli.Main} prints it. With {@code --json} a verb prints JSON, one object a line;
 * the sentences of errors go to standard error all the same.
 *
 * <p>Exit statuses: 0 done; 1 the answer is no (a program refused, a test failed); 2 the input
 * cannot be used (unknown option, missing or broken file); 130 interrupted; 141 nobody reads the
 * output any more; 70 a fault of xdp4j itself.
 */
package org.xdp4j.daemon.cli;
