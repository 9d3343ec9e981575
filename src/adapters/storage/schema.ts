import { hash } from 'node:crypto';
import { z } from 'zod';
import { isDigest, type Digest } from '../../domain/digest';
import {
  kindOfMediaType,
  OCI_INDEX,
  OCI_MANIFEST,
  type ManifestFacts,
} from '../../domain/registry/manifest-facts';

const MAX_DESCRIPTORS = 10_000;

const digestText = z.custom<Digest>((value) => typeof value === 'string' && isDigest(value));

const Descriptor = z.object({
  mediaType: z.string().max(255),
  digest: digestText,
  size: z.int().nonnegative(),
  annotations: z.record(z.string(), z.string()).nullish(),
});
type Descriptor = z.infer<typeof Descriptor>;

const descriptors = z.array(Descriptor).max(MAX_DESCRIPTORS).nullish();

const Manifest = z.object({
  schemaVersion: z.literal(2),
  mediaType: z.string().nullish(),
  artifactType: z.string().max(255).nullish(),
  config: Descriptor.nullish(),
  layers: descriptors,
  manifests: descriptors,
  subject: Descriptor.nullish(),
});

/** image-spec, image-layout.md, "index.json File". zot writes no media type into it. */
const LayoutIndex = z.object({ schemaVersion: z.literal(2), manifests: z.array(z.unknown()) });

/** What can't be told from the bytes; the message says why. */
export class Unreadable extends Error {}

const KNOWN = new Set(
  'schemaVersion mediaType artifactType config layers manifests subject digest size'.split(' '),
);
/** As Go's encoding/json compares the keys of a struct: long s and the Kelvin sign included. */
const fold = (key: string): string => key.toUpperCase().toLowerCase();
const FOLDED = new Set([...KNOWN].map(fold));
/** No manifest is; the gateway takes none that is nested deeper. */
const MAX_DEPTH = 32;

/**
 * Go's decoder, which registries and clients use, ignores case: `Manifests` would be children for them and nothing to us.
 *
 * @throws Unreadable when it is nested too deep to be looked through
 */
function isMistakable(value: unknown, depth = 0): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (depth === MAX_DEPTH) throw new Unreadable('it is nested too deep');
  if (Array.isArray(value)) return value.some((one) => isMistakable(one, depth + 1));
  return Object.entries(value).some(
    ([key, member]) =>
      (FOLDED.has(fold(key)) && !KNOWN.has(key)) ||
      (key !== 'annotations' && isMistakable(member, depth + 1)),
  );
}

function parseJson(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new Unreadable('it is not JSON');
  }
}

const factsOf = ({ mediaType, digest, size }: Descriptor): Omit<Descriptor, 'annotations'> => ({
  mediaType,
  digest,
  size,
});

/** @throws Unreadable when the bytes are not those of `digest`, or no OCI or Docker manifest or index. */
export function parseStoredManifest(bytes: Buffer, digest: Digest): ManifestFacts {
  if (hash('sha256', bytes) !== digest.slice(7)) throw new Unreadable('its bytes are damaged');
  const json = parseJson(bytes);
  const parsed = Manifest.safeParse(json);
  if (!parsed.success) throw new Unreadable('it is no OCI or Docker manifest');
  if (isMistakable(json)) throw new Unreadable('its field names can be read in two ways');
  const { config, layers, manifests, subject, artifactType, ...raw } = parsed.data;
  const mediaType = raw.mediaType ?? (manifests ? OCI_INDEX : OCI_MANIFEST);
  const kind = kindOfMediaType(mediaType);
  if (!kind) throw new Unreadable('its media type is not known');
  return {
    ...{ kind, digest, mediaType, size: bytes.length, annotations: {} },
    // An empty one is none, as the gateway has it.
    artifactType: artifactType || null,
    config: config ? factsOf(config) : null,
    layers: (layers ?? []).map(factsOf),
    children: (manifests ?? []).map(factsOf),
    subject: subject?.digest ?? null,
  };
}

export interface LayoutEntry {
  readonly digest: Digest;
  readonly size: number;
  readonly mediaType: string;
  /** `org.opencontainers.image.ref.name`; null: without a tag. */
  readonly tag: string | null;
}

const REF_NAME = 'org.opencontainers.image.ref.name';

/** An entry that can't be read is null. @throws Unreadable */
export function parseLayoutIndex(bytes: Buffer): readonly (LayoutEntry | null)[] {
  const parsed = LayoutIndex.safeParse(parseJson(bytes));
  if (!parsed.success) throw new Unreadable('its index.json is malformed');
  return parsed.data.manifests.map((raw) => {
    const entry = Descriptor.safeParse(raw);
    if (!entry.success) return null;
    return { ...factsOf(entry.data), tag: entry.data.annotations?.[REF_NAME] ?? null };
  });
}
