import type { Digest } from '../digest';
import { byte, int } from './typed';

const WORDS = 8;
const FIRST = 16;
const HEX = '0123456789abcdef';
const PREFIX = 'sha256:'.length;

/** Value of a hex digit by its character code. */
const NIBBLE = new Uint8Array(256);
for (let value = 0; value < 16; value++) NIBBLE[HEX.charCodeAt(value)] = value;

const DECODER = new TextDecoder('latin1');
const ENCODER = new TextEncoder();

/** Digests as numbers 0, 1, …: 32 bytes each instead of a string of 71 characters. */
export class DigestTable {
  /** 8 words a digest. */
  private words = new Int32Array(FIRST * WORDS);
  /** Open addressing: digest + 1, or 0. Never more than half full. */
  private slots = new Int32Array(FIRST * 4);
  private readonly asked = new Int32Array(WORDS);
  /** Rows of one manifest come one after the other. */
  private lastText = '';
  private lastId = -1;
  /** A tag and its manifest are told one after the other, and share the text. */
  private told: Digest = 'sha256:';
  private toldId = -1;
  private readonly ascii = ENCODER.encode('sha256:'.padEnd(PREFIX + WORDS * 8));
  length = 0;

  add(digest: Digest): number {
    if (digest === this.lastText) return this.lastId;
    const slot = this.find(digest);
    let id = int(this.slots, slot) - 1;
    if (id < 0) {
      id = this.length++;
      this.slots[slot] = id + 1;
      if ((id + 1) * WORDS > this.words.length) this.growWords();
      this.words.set(this.asked, id * WORDS);
      if (this.length * 2 > this.slots.length) this.growSlots();
    }
    this.lastText = digest;
    this.lastId = id;
    return id;
  }

  /** -1 when it is not there. */
  get(digest: Digest): number {
    return int(this.slots, this.find(digest)) - 1;
  }

  text(id: number): Digest {
    if (id === this.toldId) return this.told;
    const { ascii } = this;
    for (let word = id * WORDS, at = PREFIX; word < (id + 1) * WORDS; word++) {
      const value = int(this.words, word);
      for (let shift = 28; shift >= 0; shift -= 4) {
        ascii[at++] = HEX.charCodeAt((value >>> shift) & 15);
      }
    }
    // As one piece, since V8 keeps the pieces of a text that was put together; and it came in as a digest.
    this.told = DECODER.decode(ascii) as Digest;
    this.toldId = id;
    return this.told;
  }

  /** As the texts compare. */
  compare(a: number, b: number): number {
    for (let word = 0; word < WORDS; word++) {
      const left = int(this.words, a * WORDS + word) >>> 0;
      const right = int(this.words, b * WORDS + word) >>> 0;
      if (left !== right) return left < right ? -1 : 1;
    }
    return 0;
  }

  /** The slot that holds it, or the empty one where it belongs. */
  private find(digest: Digest): number {
    const { asked, ascii } = this;
    ENCODER.encodeInto(digest, ascii);
    for (let word = 0, at = PREFIX; word < WORDS; word++) {
      let value = 0;
      for (const end = at + 8; at < end; at++) value = (value << 4) | byte(NIBBLE, byte(ascii, at));
      asked[word] = value;
    }
    const mask = this.slots.length - 1;
    let slot = mix(asked, 0) & mask;
    while (int(this.slots, slot) !== 0 && !this.holds(int(this.slots, slot) - 1)) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private holds(id: number): boolean {
    for (let word = 0; word < WORDS; word++) {
      if (int(this.words, id * WORDS + word) !== int(this.asked, word)) return false;
    }
    return true;
  }

  private growWords(): void {
    const grown = new Int32Array(this.words.length * 2);
    grown.set(this.words);
    this.words = grown;
  }

  private growSlots(): void {
    const slots = new Int32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let id = 0; id < this.length; id++) {
      let slot = mix(this.words, id * WORDS) & mask;
      while (int(slots, slot) !== 0) slot = (slot + 1) & mask;
      slots[slot] = id + 1;
    }
    this.slots = slots;
  }
}

/** All words count: made-up digests may be alike in most of them. */
function mix(words: Int32Array, from: number): number {
  let hash = 0;
  for (let word = from; word < from + WORDS; word++) {
    hash = Math.imul(hash ^ int(words, word), 0x9e3779b1);
    hash ^= hash >>> 15;
  }
  return hash >>> 0;
}
