/**
 * The API: which requests there are, and what answers them from a {@link
 * org.xdp4j.daemon.control.view.Dataplane}. {@link org.xdp4j.daemon.control.api.Api} lists them
 * all; the OpenAPI description beside it is compared with that list by a test.
 *
 * <p>Depends on {@code http}, {@code json}, {@code metrics} and {@code view}.
 */
package org.xdp4j.daemon.control.api;
