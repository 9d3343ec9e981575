import { EVIDENCE_PATH, readEvidence, type EvidenceBody } from '../../contract/schema/evidence';
import type { Digest } from '../../domain/digest';
import type { ImageRef } from '../../domain/reference';
import type { Descriptor, Manifest } from '../../ports/registry';
import type { OciHttp } from './http';
import { OCI_INDEX } from './media-types';
import { assertDigest, repositoryPath, scope } from './names';
import { parseManifest, sha256 } from './schema';

/** Pieces about one digest, in one repository, each checked against its digest. Null: it has to be read by itself. */
export interface Evidence {
  /** Whether it says anything of this digest, be it that the digest was left out. */
  mentions(digest: Digest): boolean;
  manifest(digest: Digest): Manifest | null;
  blob(digest: Digest): Buffer | null;
  referrers(subject: Digest): readonly Descriptor[] | null;
}

export interface EvidenceSource {
  /** Only what is attached with this type is in it. */
  readonly artifactType: string;
  /** Null: this registry gives none, or not now. Never throws: a read by itself says what is wrong. */
  ask(image: ImageRef): Promise<Evidence | null>;
}

/** A gateway of ours sends 4 MiB of pieces, and a table of them. */
const MAX_EVIDENCE_BYTES = 6 * 1024 * 1024;
/** What registries answer that don't know the path. */
const LACKING: readonly number[] = [400, 404, 405, 501];
/** A registry learns new things by an update only. */
const REMEMBERED_MS = 5 * 60_000;

/** Its bytes when they are those of the digest. */
function checked(digest: Digest, bytes: Buffer): Buffer | null {
  return sha256(bytes) === digest ? bytes : null;
}

/** Looks at each piece once, when it is first asked for. */
function memoised<K, T>(look: (key: K) => T): (key: K) => T {
  const seen = new Map<K, { readonly value: T }>();
  return (key) => {
    const known = seen.get(key) ?? { value: look(key) };
    seen.set(key, known);
    return known.value;
  };
}

function orNull<T>(parse: () => T): T | null {
  try {
    return parse();
  } catch {
    return null;
  }
}

export function evidenceOf(body: EvidenceBody): Evidence {
  const manifests = new Map(body.manifests.map((piece) => [piece.digest, piece]));
  const blobs = new Map(body.blobs.map(({ digest, data }) => [digest, data]));
  const lists = new Map(body.referrers.map(({ subject, data }) => [subject, data]));
  const truncated = new Set(body.truncated);
  return {
    mentions: (digest) =>
      manifests.has(digest) || lists.has(digest) || blobs.has(digest) || truncated.has(digest),
    manifest: memoised((digest) => {
      const piece = manifests.get(digest);
      const bytes = piece && checked(digest, piece.data);
      return bytes ? orNull(() => parseManifest(bytes, piece.mediaType, digest)) : null;
    }),
    blob: memoised((digest) => {
      const data = blobs.get(digest);
      return data === undefined ? null : checked(digest, data);
    }),
    referrers: (subject) => {
      const data = lists.get(subject);
      if (data === undefined) return null;
      return orNull(() => parseManifest(data, OCI_INDEX).manifests);
    },
  };
}

/** From our gateway's extension of the distribution API (docs/gateway.md, "Evidence in one read"). */
export function createEvidenceSource(
  http: OciHttp,
  artifactType: string,
  clock: () => number = () => performance.now(),
): EvidenceSource {
  let lackingUntil = Number.NEGATIVE_INFINITY;
  const query = new URLSearchParams({ artifactType }).toString();

  async function ask({ repository, digest }: ImageRef): Promise<Evidence | null> {
    const response = await http.send({
      method: 'GET',
      path: `${repositoryPath(repository)}/${EVIDENCE_PATH}/${assertDigest(digest)}?${query}`,
      scopes: [scope(repository, 'pull')],
      accept: LACKING,
    });
    const bytes = await response.read(MAX_EVIDENCE_BYTES);
    if (LACKING.includes(response.status)) {
      lackingUntil = clock() + REMEMBERED_MS;
      return null;
    }
    return evidenceOf(readEvidence(bytes));
  }

  return {
    artifactType,
    ask: async (image) => {
      if (clock() < lackingUntil) return null;
      try {
        return await ask(image);
      } catch {
        return null;
      }
    },
  };
}
