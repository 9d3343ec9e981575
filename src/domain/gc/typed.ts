/**
 * Typed arrays with checked access off: an index is always in range here. One function an array type, since V8 makes a
 * load fast only where it sees one.
 */
export function int(array: Int32Array, index: number): number {
  return array[index] ?? 0;
}

export function float(array: Float64Array, index: number): number {
  return array[index] ?? 0;
}

export function byte(array: Uint8Array, index: number): number {
  return array[index] ?? 0;
}

/** Adds, and returns what it was before. */
export function add(array: Int32Array, index: number, amount: number): number {
  const before = array[index] ?? 0;
  array[index] = before + amount;
  return before;
}

/** Small registries are made by the million in tests. */
const FIRST = 8;

export class Ints {
  private array = new Int32Array(FIRST);
  length = 0;

  push(value: number): number {
    if (this.length === this.array.length) {
      const grown = new Int32Array(this.length * 2);
      grown.set(this.array);
      this.array = grown;
    }
    this.array[this.length] = value;
    return this.length++;
  }

  at(index: number): number {
    return int(this.array, index);
  }

  set(index: number, value: number): void {
    this.array[index] = value;
  }

  /** Without what it grew too much; not to be pushed to any more. */
  done(): Int32Array {
    return this.array.subarray(0, this.length);
  }
}

export class Floats {
  private array = new Float64Array(FIRST);
  length = 0;

  push(value: number): number {
    if (this.length === this.array.length) {
      const grown = new Float64Array(this.length * 2);
      grown.set(this.array);
      this.array = grown;
    }
    this.array[this.length] = value;
    return this.length++;
  }

  at(index: number): number {
    return float(this.array, index);
  }

  set(index: number, value: number): void {
    this.array[index] = value;
  }

  done(): Float64Array {
    return this.array.subarray(0, this.length);
  }
}
