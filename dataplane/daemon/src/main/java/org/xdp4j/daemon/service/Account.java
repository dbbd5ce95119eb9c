package org.xdp4j.daemon.service;

import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Optional;

/**
 * A user of this system, as {@code getpwnam(3)} knows it.
 *
 * @param name its login name
 * @param user its number
 * @param group its group's number
 */
public record Account(String name, int user, int group) {
  // struct passwd: pw_name and pw_passwd, two pointers; then pw_uid and pw_gid.
  private static final long UID_AT = 16;
  private static final long GID_AT = 20;

  /** Whether this system surely has none of this name. */
  public static boolean isMissing(String name) {
    return CLibrary.isLinux() && find(name).isEmpty();
  }

  /** Finds one by its name. */
  public static Optional<Account> find(String name) {
    if (!CLibrary.isLinux() || name.indexOf('\0') >= 0) {
      return Optional.empty();
    }
    CLibrary.Function find = CLibrary.ofLong("getpwnam");
    try (Arena arena = Arena.ofConfined()) {
      long address = find.call(arena.allocateFrom(name));
      if (address == 0) {
        return Optional.empty();
      }
      MemorySegment entry = MemorySegment.ofAddress(address).reinterpret(GID_AT + Integer.BYTES);
      return Optional.of(
          new Account(name, entry.get(JAVA_INT, UID_AT), entry.get(JAVA_INT, GID_AT)));
    }
  }
}
