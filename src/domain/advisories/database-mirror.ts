import type { Digest } from '../digest';

/** vulnerabilities: what scans go by. java: by what jar files are told apart when an SBOM is made. */
export const DATABASE_KINDS = ['vulnerabilities', 'java'] as const;
export type DatabaseKind = (typeof DATABASE_KINDS)[number];

/** How the scanner lays a kind out (trivy, pkg/db/db.go, pkg/javadb/client.go, pkg/oci/artifact.go). */
export interface DatabaseLayout {
  /** Of our mirror. */
  readonly repository: string;
  /** The schema of the file; the scanner knows one. */
  readonly tag: string;
  readonly layerType: string;
  /** In the layer, and in the folder of the scanner's cache. */
  readonly file: string;
  readonly folder: string;
  readonly schema: number;
}

export const DATABASE_LAYOUTS: Readonly<Record<DatabaseKind, DatabaseLayout>> = {
  vulnerabilities: {
    ...{ repository: 'mirror/trivy-db', tag: '2', schema: 2 },
    layerType: 'application/vnd.aquasec.trivy.db.layer.v1.tar+gzip',
    ...{ file: 'trivy.db', folder: 'db' },
  },
  java: {
    ...{ repository: 'mirror/trivy-java-db', tag: '1', schema: 1 },
    layerType: 'application/vnd.aquasec.trivy.javadb.layer.v1.tar+gzip',
    ...{ file: 'trivy-java.db', folder: 'java-db' },
  },
};

/**
 * in-toto predicate of a mirrored database: of its own, so that no other signature of the custodian's key, as of a base, passes for
 * one, and none of these for another.
 */
export const DATABASE_PREDICATE_TYPE = 'https://plura.dev/attestations/scanner-database/v1';

/** A database in our registry. */
export interface MirroredDatabase {
  readonly kind: DatabaseKind;
  readonly repository: string;
  /** Of the manifest. */
  readonly digest: Digest;
  /** Of the file in it. */
  readonly fileDigest: Digest;
  /** Of the layer. */
  readonly bytes: number;
  /** RFC 3339: when its advisories were collected. */
  readonly updatedAt: string;
  /** Where it came from, as people read it. */
  readonly source: string;
  /** RFC 3339 */
  readonly mirroredAt: string;
}

interface ManifestFacts {
  readonly mediaType: string;
  readonly artifactType: string | null;
  readonly configType: string | null;
  readonly layers: readonly { readonly mediaType: string; readonly size: number }[];
}

const MANIFEST_TYPE = 'application/vnd.oci.image.manifest.v1+json';
export const DATABASE_ARTIFACT_TYPE = 'application/vnd.aquasec.trivy.config.v1+json';
/** Several times what they have today. */
export const MAX_LAYER_BYTES = 4 * 1024 ** 3;

/** Why an artifact is no database of this kind, a sentence; null when it may be one. */
export function refuseManifest(facts: ManifestFacts, kind: DatabaseKind): string | null {
  const { layerType } = DATABASE_LAYOUTS[kind];
  if (facts.mediaType !== MANIFEST_TYPE) return `It is a ${facts.mediaType}, no OCI manifest.`;
  if (
    facts.artifactType !== DATABASE_ARTIFACT_TYPE &&
    facts.configType !== DATABASE_ARTIFACT_TYPE
  ) {
    return `Its type is ${facts.artifactType ?? facts.configType ?? 'unknown'}, not ${DATABASE_ARTIFACT_TYPE}.`;
  }
  const [layer, ...others] = facts.layers;
  if (!layer || others.length > 0) return `It has ${facts.layers.length} layers, not one.`;
  if (layer.mediaType !== layerType) return `Its layer is ${layer.mediaType}, not ${layerType}.`;
  if (layer.size > MAX_LAYER_BYTES) return `Its layer has ${layer.size} bytes, which is too much.`;
  return null;
}

interface CandidateFacts {
  readonly updatedAt: string;
  /** Whether the known-bad SBOM is flagged with it; null where there is none to ask with. */
  readonly canaryFound: boolean | null;
}

/** A clock may be ahead by as much. */
const MAX_AHEAD_MS = 600_000;

/** Why a database must not take the place of what we have, a sentence; null when it may. */
export function refuseDatabase(
  candidate: CandidateFacts,
  current: Pick<MirroredDatabase, 'updatedAt'> | null,
  nowMs: number,
): string | null {
  const { updatedAt, canaryFound } = candidate;
  const updatedMs = Date.parse(updatedAt);
  if (canaryFound === false) return 'It does not know the canary, so it is empty or not whole.';
  if (!(updatedMs <= nowMs + MAX_AHEAD_MS)) return `It is dated ${updatedAt}, ahead of now.`;
  if (current && updatedMs < Date.parse(current.updatedAt)) {
    return `It is of ${updatedAt}, older than what is here (${current.updatedAt}).`;
  }
  return null;
}

/** ageing: more than half of the time that scans accept it is over. */
export type DatabaseAge = 'fresh' | 'ageing' | 'stale';

export function ageOf(updatedAt: string, maxAgeMs: number, nowMs: number): DatabaseAge {
  const age = nowMs - Date.parse(updatedAt);
  // A time that can't be read is stale.
  if (!(age <= maxAgeMs)) return 'stale';
  return age * 2 > maxAgeMs ? 'ageing' : 'fresh';
}
