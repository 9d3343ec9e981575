import { inParallel } from '../../contract/in-parallel';
import type { Digest } from '../../domain/digest';
import { indexText } from '../../domain/registry/referrers-index';
import { Refused } from '../http/refused';
import { readLinks, type ManifestLinks, type Named } from './links';
import type { PieceReader } from './piece-reader';

interface ManifestPiece {
  readonly bytes: Buffer;
  readonly links: ManifestLinks;
}

export interface Gathered {
  readonly manifests: ReadonlyMap<Digest, ManifestPiece>;
  readonly blobs: ReadonlyMap<Digest, Buffer>;
  /** By subject; whole lists only. */
  readonly lists: ReadonlyMap<Digest, Buffer>;
  readonly leftOut: ReadonlySet<Digest>;
}

/** An answer is made in memory, and may be asked for by whoever may pull. */
const MAX_BYTES = 4 * 1024 * 1024;
const MAX_CHILDREN = 20;
/** Attached to one digest. */
const MAX_REFERRERS = 64;
const MAX_PIECES = 200;
const PARALLEL = 8;

/** Of an image the size is not known before. */
interface Sized {
  readonly digest: Digest;
  readonly size?: number;
}

/** A piece that is refused is left out, and says why when it is read by itself; a registry that is away is away for all of them. */
async function unlessRefused<T>(reading: Promise<T | null>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    if (error instanceof Refused && error.status < 500) return null;
    throw error;
  }
}

class Gathering {
  readonly manifests = new Map<Digest, ManifestPiece>();
  readonly blobs = new Map<Digest, Buffer>();
  readonly lists = new Map<Digest, Buffer>();
  readonly leftOut = new Set<Digest>();
  private readonly reader: PieceReader;
  private readonly artifactType: string | null;
  private bytes = MAX_BYTES;
  private pieces = MAX_PIECES;

  constructor(reader: PieceReader, artifactType: string | null) {
    this.reader = reader;
    this.artifactType = artifactType;
  }

  /** Manifest, config, and all that is attached; of an index the same of each child, which are no indexes or have to be asked about. */
  async addSubject(digest: Digest): Promise<void> {
    await Promise.all([this.addOwn({ digest }, true), this.addReferrers(digest)]);
  }

  private async addOwn({ digest, size }: Sized, isSubject: boolean): Promise<void> {
    const links = await this.addManifest(digest, size);
    if (links?.config) await this.addBlob(links.config);
    if (links && isSubject) await this.addChildren(links);
  }

  private async addChildren({ children }: ManifestLinks): Promise<void> {
    const images = children.filter(({ runs }) => runs);
    this.leave([...images.slice(MAX_CHILDREN), ...children.filter(({ runs }) => !runs)]);
    await inParallel(images.slice(0, MAX_CHILDREN), PARALLEL, (child) =>
      Promise.all([this.addOwn(child, false), this.addReferrers(child.digest)]),
    );
  }

  private async addReferrers(subject: Digest): Promise<void> {
    const entries = await unlessRefused(this.reader.referrers(subject, this.artifactType));
    if (!entries) return;
    const list = Buffer.from(indexText(entries));
    if (!this.take(list.length)) return;
    this.lists.set(subject, list);
    this.leave(entries.slice(MAX_REFERRERS));
    await inParallel(entries.slice(0, MAX_REFERRERS), PARALLEL, async (entry) => {
      const links = await this.addManifest(entry.digest, entry.size);
      // An artifact has one; what has more is no evidence.
      const [layer, ...others] = links?.layers ?? [];
      if (layer && others.length === 0) await this.addBlob(layer);
    });
  }

  private async addManifest(digest: Digest, size?: number): Promise<ManifestLinks | null> {
    const known = this.manifests.get(digest);
    if (known) return known.links;
    const bytes = this.take(size ?? 0)
      ? await unlessRefused(this.reader.manifest(digest, size))
      : null;
    if (!bytes || !this.take(Math.max(0, bytes.length - (size ?? 0)), 0)) {
      this.leftOut.add(digest);
      return null;
    }
    const links = readLinks(bytes);
    this.manifests.set(digest, { bytes, links });
    return links;
  }

  private async addBlob(named: Named): Promise<void> {
    const { digest, size } = named;
    if (this.blobs.has(digest)) return;
    const bytes = this.take(size) ? await unlessRefused(this.reader.blob(named)) : null;
    if (bytes) this.blobs.set(digest, bytes);
    else this.leftOut.add(digest);
  }

  private leave(named: readonly Named[]): void {
    named.forEach(({ digest }) => this.leftOut.add(digest));
  }

  private take(bytes: number, pieces = 1): boolean {
    if (bytes > this.bytes || pieces > this.pieces) return false;
    this.bytes -= bytes;
    this.pieces -= pieces;
    return true;
  }
}

/** What a verifier asks for about `digest`, and about its children when it is an index; bounded, whatever is attached. */
export async function gatherEvidence(
  reader: PieceReader,
  digest: Digest,
  artifactType: string | null,
): Promise<Gathered> {
  const gathering = new Gathering(reader, artifactType);
  await gathering.addSubject(digest);
  const { manifests, blobs, lists, leftOut } = gathering;
  return { manifests, blobs, lists, leftOut };
}
