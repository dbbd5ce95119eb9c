/**
 * Programs of other people, as object files in a folder, beside the kernel: accepted or refused,
 * and what they do to frames and maps. The objects are not part of the repository: the folder is
 * named by {@code -Dxdp4j.world=FOLDER}, and without it {@code WorldTest} is skipped.
 */
package org.xdp4j.engine.world;
