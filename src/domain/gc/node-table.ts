import { int, Ints } from './typed';

const FIRST = 16;

/** Manifests as numbers 0, 1, …: a digest in a repository. */
export class NodeTable {
  readonly repositories = new Ints();
  readonly digests = new Ints();
  /** Open addressing: node + 1, or 0. Never more than half full. */
  private slots = new Int32Array(FIRST * 4);

  get length(): number {
    return this.digests.length;
  }

  /** The node; it is new when it equals what `length` was. `likely` is looked at first. */
  add(repository: number, digest: number, likely = 0): number {
    if (likely < this.length && this.holds(likely, repository, digest)) return likely;
    const slot = this.find(repository, digest);
    const known = int(this.slots, slot) - 1;
    if (known >= 0) return known;
    const node = this.digests.push(digest);
    this.repositories.push(repository);
    this.slots[slot] = node + 1;
    if (this.length * 2 > this.slots.length) this.grow();
    return node;
  }

  /** -1 when it is not there. */
  get(repository: number, digest: number): number {
    return int(this.slots, this.find(repository, digest)) - 1;
  }

  private find(repository: number, digest: number): number {
    const mask = this.slots.length - 1;
    let slot = mix(repository, digest) & mask;
    for (;;) {
      const node = int(this.slots, slot) - 1;
      if (node < 0 || this.holds(node, repository, digest)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  private holds(node: number, repository: number, digest: number): boolean {
    return this.digests.at(node) === digest && this.repositories.at(node) === repository;
  }

  private grow(): void {
    const slots = new Int32Array(this.slots.length * 2);
    const mask = slots.length - 1;
    for (let node = 0; node < this.length; node++) {
      let slot = mix(this.repositories.at(node), this.digests.at(node)) & mask;
      while (int(slots, slot) !== 0) slot = (slot + 1) & mask;
      slots[slot] = node + 1;
    }
    this.slots = slots;
  }
}

function mix(repository: number, digest: number): number {
  let hash = Math.imul(repository, 0x9e3779b1) ^ Math.imul(digest, 0x85ebca6b);
  hash ^= hash >>> 16;
  hash = Math.imul(hash, 0xc2b2ae35);
  return (hash ^ (hash >>> 13)) >>> 0;
}
