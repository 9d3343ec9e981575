import { Ints } from './typed';

const FIRST = 256;

const TEXT = new TextDecoder('latin1');

/** A copy that shares nothing: what was cut from a large text keeps all of it in memory. */
function copyOf(text: string): string {
  return String.fromCharCode(...Array.from(text, (_, at) => text.charCodeAt(at)));
}

/** Repositories as numbers 0, 1, …. */
export class RepositoryNames {
  private readonly ids = new Map<string, number>();
  readonly texts: string[] = [];
  private lastText = '';
  private lastId = -1;

  get length(): number {
    return this.texts.length;
  }

  add(name: string): number {
    if (name === this.lastText) return this.lastId;
    let id = this.ids.get(name);
    if (id === undefined) {
      id = this.texts.push(copyOf(name)) - 1;
      this.ids.set(this.text(id), id);
    }
    this.lastText = this.text(id);
    this.lastId = id;
    return id;
  }

  /** -1 when it is not there. */
  get(name: string): number {
    return this.ids.get(name) ?? -1;
  }

  text(id: number): string {
    return this.texts[id] ?? '';
  }
}

/** Names of tags, which are ASCII (distribution-spec, "Pulling manifests"), end to end. */
export class TagNames {
  private bytes = new Uint8Array(FIRST);
  private readonly ends = new Ints();
  private used = 0;

  add(name: string): void {
    if (this.used + name.length > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.used + name.length));
      grown.set(this.bytes);
      this.bytes = grown;
    }
    for (let at = 0; at < name.length; at++) this.bytes[this.used++] = name.charCodeAt(at);
    this.ends.push(this.used);
  }

  text(tag: number): string {
    const from = tag === 0 ? 0 : this.ends.at(tag - 1);
    return TEXT.decode(this.bytes.subarray(from, this.ends.at(tag)));
  }
}
