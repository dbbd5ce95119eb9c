package org.xdp4j.bpf.map;

/**
 * A hash map whose values stand behind their keys.
 *
 * <pre>
 *  an element:  | key | pad to 8 | value | pad to 8 |
 * </pre>
 */
abstract class InlineHash extends HashedMap {
  final long valueOffset;

  InlineHash(MapSpec spec, MapMemory owned, int spares) {
    super(spec, owned, Words.roundUp8(spec.valueSize()), spares);
    valueOffset = Words.roundUp8(keySize);
  }

  /** Makes an element, in no bucket now, hold this key and value. */
  final void fill(int element, long key, long value) {
    Words.copy(memory, key, index.key(element), keySize);
    // A program may still hold the element's lock, so its fields are emptied, not written over.
    clearFields(valueOf(element, 0));
    fields.copy(value, valueOf(element, 0));
  }

  @Override
  final byte[] copy(int element) {
    return bytes(valueOf(element, 0), valueSize);
  }

  @Override
  final long valueOf(int element, int cpu) {
    return index.key(element) + valueOffset;
  }

  @Override
  public final boolean containsValue(long address, long size) {
    long stride = valueOffset + Words.roundUp8(valueSize);
    return withinSlot(address, size, index.key(0), stride, store.elements, valueOffset, valueSize);
  }
}
