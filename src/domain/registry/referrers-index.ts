import { isDigest, type Digest } from '../digest';
import { artifactTypeOf, OCI_INDEX, type ManifestFacts } from './manifest-facts';

/** A descriptor in an index of referrers (distribution-spec, "Listing Referrers"). Fields that we don't know stay. */
export interface ReferrerEntry {
  readonly mediaType: string;
  readonly digest: Digest;
  readonly size: number;
  readonly artifactType?: string;
  readonly annotations?: Readonly<Record<string, string>>;
  readonly [other: string]: unknown;
}

/** What one subject may have attached. With the manifest limit of 4 MiB there is room for about 2 KB each. */
export const MAX_REFERRERS = 2000;

/** distribution-spec, "Referrers Tag Schema". */
export function referrersTag(subject: Digest): string {
  return subject.replace(':', '-');
}

export function subjectOfTag(tag: string): Digest | null {
  const digest = tag.replace('-', ':');
  return tag.startsWith('sha256-') && isDigest(digest) ? digest : null;
}

export function referrerEntry(facts: ManifestFacts): ReferrerEntry {
  const artifactType = artifactTypeOf(facts);
  return {
    mediaType: facts.mediaType,
    digest: facts.digest,
    size: facts.size,
    ...(artifactType !== null && { artifactType }),
    ...(Object.keys(facts.annotations).length > 0 && { annotations: facts.annotations }),
  };
}

/** Each digest once, in the order they came; what a manifest says of itself (`read`) counts, not what an index said. */
export function uniteEntries(
  found: readonly ReferrerEntry[],
  read: readonly ReferrerEntry[],
): readonly ReferrerEntry[] {
  const united = new Map(found.map((entry) => [entry.digest, entry]));
  for (const entry of read) united.set(entry.digest, entry);
  return [...united.values()];
}

export function withoutEntries(
  entries: readonly ReferrerEntry[],
  gone: ReadonlySet<Digest>,
): readonly ReferrerEntry[] {
  return entries.filter(({ digest }) => !gone.has(digest));
}

/** Only the entries of that type: one that says none is of no type. */
export function ofType(
  entries: readonly ReferrerEntry[],
  artifactType: string,
): readonly ReferrerEntry[] {
  return entries.filter((entry) => entry.artifactType === artifactType);
}

/** The index as it is stored and served. */
export function indexText(entries: readonly ReferrerEntry[]): string {
  return JSON.stringify({ schemaVersion: 2, mediaType: OCI_INDEX, manifests: entries });
}
