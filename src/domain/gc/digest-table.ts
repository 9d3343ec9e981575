import type { Digest } from '../digest';
import { int } from './typed';

const WORDS = 8;
const FIRST = 16;
const HEX = '0123456789abcdef';
const PREFIX = 'sha256:'.length;

const DECODER = new TextDecoder('latin1');
const ENCODER = new TextEncoder();

/** Digests as numbers 0, 1, …: 32 bytes each instead of a string of 71 characters. */
export class DigestTable {
  /** 8 words a digest. */
  private words = new Int32Array(FIRST * WORDS);
  /**
   * Open addressing: digest + 1, or 0, and its hash, so that the words of a digest are only looked at where it is the one. Never
   * more than three quarters full.
   */
  private slots = new Int32Array(FIRST * 4);
  private askedHash = 0;
  private readonly asked = new Int32Array(WORDS);
  /** Rows of one manifest come one after the other. */
  private lastText = '';
  private lastId = -1;
  /** A tag and its manifest are told one after the other, and share the text. */
  private told: Digest = 'sha256:';
  private toldId = -1;
  private readonly ascii = ENCODER.encode('sha256:'.padEnd(PREFIX + WORDS * 8));
  private readonly asciiView = new DataView(this.ascii.buffer, this.ascii.byteOffset);
  length = 0;

  add(digest: Digest): number {
    if (digest === this.lastText) return this.lastId;
    this.ask(digest);
    const id = this.addAsked();
    this.lastText = digest;
    this.lastId = id;
    return id;
  }

  /**
   * Of the 64 hex digits that begin at `at`. `likely` is looked at first: a number that it may be, found without a search over tables
   * that are larger than any cache.
   */
  addHex(bytes: DataView, at: number, likely: number): number {
    this.askHex(bytes, at);
    return likely < this.length && this.holds(likely) ? likely : this.addAsked();
  }

  /** -1 when it is not there. */
  get(digest: Digest): number {
    this.ask(digest);
    return int(this.slots, this.find()) - 1;
  }

  private addAsked(): number {
    const slot = this.find();
    const known = int(this.slots, slot) - 1;
    if (known >= 0) return known;
    const id = this.length++;
    this.slots[slot] = id + 1;
    this.slots[slot + 1] = this.askedHash;
    if ((id + 1) * WORDS > this.words.length) this.growWords();
    const from = id * WORDS;
    for (let word = 0; word < WORDS; word++) this.words[from + word] = int(this.asked, word);
    if (this.length * 8 > this.slots.length * 3) this.growSlots();
    return id;
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

  private ask(digest: Digest): void {
    ENCODER.encodeInto(digest, this.ascii);
    this.askHex(this.asciiView, PREFIX);
  }

  private askHex(bytes: DataView, from: number): void {
    const { asked } = this;
    let hash = 0;
    for (let word = 0; word < WORDS; word++) {
      const at = from + word * 8;
      const value = (nibbles(bytes.getInt32(at)) << 16) | nibbles(bytes.getInt32(at + 4));
      asked[word] = value;
      // All words count: made-up digests may be alike in most of them.
      hash = Math.imul(hash ^ value, 0x9e3779b1);
      hash ^= hash >>> 15;
    }
    this.askedHash = hash;
  }

  /** The slot that holds what was asked for, or the empty one where it belongs. */
  private find(): number {
    const { slots, askedHash } = this;
    const mask = slots.length - 1;
    for (let slot = (askedHash << 1) & mask; ; slot = (slot + 2) & mask) {
      const id = int(slots, slot) - 1;
      if (id < 0 || (int(slots, slot + 1) === askedHash && this.holds(id))) return slot;
    }
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
    const { slots } = this;
    const grown = new Int32Array(slots.length * 2);
    const mask = grown.length - 1;
    for (let from = 0; from < slots.length; from += 2) {
      if (int(slots, from) === 0) continue;
      let slot = (int(slots, from + 1) << 1) & mask;
      while (int(grown, slot) !== 0) slot = (slot + 2) & mask;
      grown[slot] = int(slots, from);
      grown[slot + 1] = int(slots, from + 1);
    }
    this.slots = grown;
  }
}

/** The value of four hex digits, in ASCII, all at once: of a letter bit 6 is set, and its lower bits count from 1. */
function nibbles(ascii: number): number {
  const each = (ascii & 0x0f0f0f0f) + Math.imul((ascii >>> 6) & 0x01010101, 9);
  const pairs = (each | (each >>> 4)) & 0x00ff00ff;
  return ((pairs >>> 8) | pairs) & 0xffff;
}
