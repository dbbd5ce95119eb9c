package org.xdp4j.engine;

/**
 * How far a replay is.
 *
 * @param frames frames received so far
 * @param bytesRead bytes of capture read so far, over all repeats
 * @param bytesTotal bytes of capture there are to read, or -1 when that is not known: compressed
 *     captures and standard input
 */
public record ReplayProgress(long frames, long bytesRead, long bytesTotal) {}
