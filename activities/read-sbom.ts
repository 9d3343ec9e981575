import { createHash } from 'node:crypto';
import { ReleaseError } from '../src/contract/errors';
import type { ImageRef } from '../src/domain/reference';
import type { Registry } from '../src/ports/registry';
import { SBOM_ARTIFACT_TYPE } from '../src/ports/signer';

/** Anyone who can push can attach; ours is among the first. */
const MAX_SBOMS = 20;
export const MAX_SBOM_BYTES = 32 * 1024 * 1024;

/**
 * The bytes that its release made, whoever attached something else since. `sbom`: `sha256:` of them; null when none is on record.
 *
 * @throws ReleaseError ATTESTATION_INVALID when the registry lacks them
 */
export async function readSbom(
  registry: Pick<Registry, 'getArtifact' | 'listReferrers'>,
  { repository, digest }: ImageRef,
  sbom: string | null,
): Promise<Buffer> {
  const referrers =
    sbom === null ? [] : await registry.listReferrers({ repository, digest }, SBOM_ARTIFACT_TYPE);
  for (const referrer of referrers.slice(0, MAX_SBOMS)) {
    const artifact = { repository, digest: referrer.digest };
    const { payload } = await registry.getArtifact(artifact, MAX_SBOM_BYTES);
    if (`sha256:${createHash('sha256').update(payload).digest('hex')}` === sbom) return payload;
  }
  throw new ReleaseError('ATTESTATION_INVALID', `the SBOM of ${repository}@${digest} is missing`, {
    details: { remedy: 'release it again: its release attaches the SBOM' },
  });
}
