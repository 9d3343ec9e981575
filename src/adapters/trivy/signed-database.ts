import { ReleaseError } from '../../contract/errors';
import {
  DATABASE_LAYOUTS,
  DATABASE_PREDICATE_TYPE,
  type DatabaseKind,
} from '../../domain/advisories/database-mirror';
import type { Digest } from '../../domain/digest';
import type { ImageRef } from '../../domain/reference';
import type { Registry } from '../../ports/registry';
import { BUNDLE_ARTIFACT_TYPE, KEY_IDS, type Signer } from '../../ports/signer';
import { scannerUnavailable } from './run';
import { databasePredicate } from './schema';

export interface MirrorReader {
  readonly registry: Pick<
    Registry,
    'downloadBlob' | 'getArtifact' | 'getManifest' | 'listReferrers' | 'resolve'
  >;
  readonly signer: Pick<Signer, 'verify'>;
  /** Whether a proof of the transparency log is required. */
  readonly log: boolean;
}

/** What the custodian signed of a database in the mirror. */
export interface SignedDatabase {
  readonly kind: DatabaseKind;
  readonly image: ImageRef;
  readonly fileDigest: Digest;
  /** RFC 3339 */
  readonly updatedAt: string;
}

const MAX_BUNDLE_BYTES = 1024 * 1024;
/** Anyone who may write the mirror can attach; ours is among the first. */
const MAX_BUNDLES = 20;

/** Bad evidence is no error; a registry or a key that can't be asked is. */
function isBadEvidence(error: unknown): boolean {
  return (
    error instanceof ReleaseError &&
    ['SIGNATURE_INVALID', 'INVALID_INPUT', 'DIGEST_NOT_FOUND'].includes(error.code)
  );
}

async function readStatement(
  { registry, signer, log }: MirrorReader,
  { repository, digest: subject }: ImageRef,
  bundle: Digest,
): Promise<SignedDatabase | null> {
  try {
    const { payload } = await registry.getArtifact(
      { repository, digest: bundle },
      MAX_BUNDLE_BYTES,
    );
    const expected = { subject, predicateType: DATABASE_PREDICATE_TYPE, log };
    const { statement } = await signer.verify(KEY_IDS.bases, payload, expected);
    const stated = databasePredicate.safeParse(statement.predicate);
    return stated.success ? { ...stated.data, image: { repository, digest: subject } } : null;
  } catch (error) {
    if (isBadEvidence(error)) return null;
    throw error;
  }
}

/**
 * What the mirror's tag points at, if our custodian signed it as a database of this kind.
 *
 * @throws ReleaseError SCANNER_UNAVAILABLE when there is none, or it is not signed; what the registry and the keys throw
 */
export async function findSignedDatabase(
  reader: MirrorReader,
  kind: DatabaseKind,
): Promise<SignedDatabase> {
  const { repository, tag } = DATABASE_LAYOUTS[kind];
  const found = await reader.registry.resolve(repository, tag);
  if (!found) throw scannerUnavailable(`there is no ${repository}:${tag} in the registry yet`);
  const image = { repository, digest: found.digest };
  const bundles = await reader.registry.listReferrers(image, BUNDLE_ARTIFACT_TYPE);
  for (const { digest } of bundles.slice(0, MAX_BUNDLES)) {
    const signed = await readStatement(reader, image, digest);
    if (signed?.kind === kind) return signed;
  }
  throw scannerUnavailable(`${repository}@${found.digest} is not signed as a database`);
}
