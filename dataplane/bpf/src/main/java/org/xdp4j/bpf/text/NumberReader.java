package org.xdp4j.bpf.text;

import java.math.BigInteger;
import java.util.List;
import org.xdp4j.bpf.btf.Btf;
import org.xdp4j.bpf.btf.BtfType;

/** Reads one number: digits, a character, true or false, a constant's name, htons() or htonl(). */
final class NumberReader {
  /** {@code enum xdp_action} (linux/bpf.h): clang leaves it out of most objects' BTF. */
  private static final List<String> ACTIONS =
      List.of("XDP_ABORTED", "XDP_DROP", "XDP_PASS", "XDP_TX", "XDP_REDIRECT");

  private NumberReader() {}

  /**
   * Reads the number that comes next.
   *
   * @param bits it has to fit into
   * @param signed whether its type is
   */
  static BigInteger read(Scanner scanner, Btf btf, int bits, boolean signed) throws TextException {
    BigInteger number;
    String word;
    if (scanner.peek() == '\'') {
      word = scanner.quoted();
      number = word.length() == 1 ? BigInteger.valueOf(word.charAt(0)) : null;
    } else {
      word = scanner.word();
      boolean function = word.equals("htons") || word.equals("htonl");
      number = function ? inNetworkOrder(word, scanner.inParentheses()) : named(btf, word);
    }
    if (number == null) {
      throw new TextException(
          word.isEmpty() ? "a number is missing " + scanner.where() : notANumber(word));
    }
    // A negative number may stand for what it looks like unsigned: C writes all ones as -1.
    boolean fits = Numbers.fits(number, bits, true) && number.signum() < 0;
    if (!fits && !Numbers.fits(number, bits, signed)) {
      throw new TextException(
          word + " does not fit into " + bits + (signed ? " signed bits" : " bits"));
    }
    return number;
  }

  private static BigInteger inNetworkOrder(String function, String inside) throws TextException {
    BigInteger number = Numbers.parse(inside);
    int bytes = function.equals("htons") ? Short.BYTES : Integer.BYTES;
    if (number == null || !Numbers.fits(number, bytes * Byte.SIZE, false)) {
      throw new TextException(
          "'" + inside + "' is not a number of " + bytes * Byte.SIZE + " bits for " + function);
    }
    return Numbers.swap(number, bytes);
  }

  private static BigInteger named(Btf btf, String word) {
    BigInteger number = Numbers.parse(word);
    if (number != null || word.isEmpty()) {
      return number;
    }
    if (word.equals("true") || word.equals("false")) {
      return word.equals("true") ? BigInteger.ONE : BigInteger.ZERO;
    }
    for (int id = 1; id < btf.count(); id++) {
      if (btf.type(id) instanceof BtfType.Enum type) {
        for (BtfType.Enumerator candidate : type.values()) {
          if (candidate.name().equals(word)) {
            return BigInteger.valueOf(candidate.value());
          }
        }
      }
    }
    int action = ACTIONS.indexOf(word);
    return action < 0 ? null : BigInteger.valueOf(action);
  }

  private static String notANumber(String word) {
    return "'" + word + "' is not a number, and no enum of the object has this name";
  }
}
