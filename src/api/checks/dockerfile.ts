import { ReleaseError } from '../../contract/errors';
import { parseDockerfile } from '../../contract/schema/dockerfile';
import { pinBase, refuseBases, type PinnedBase } from '../../domain/bases';
import { inspectDockerfile } from '../../domain/dockerfile';
import { KEY_IDS, PREDICATE_TYPES } from '../../ports/signer';
import { findAttestation } from '../attestations';
import type { ApiDependencies } from '../dependencies';

type BaseParts = Pick<ApiDependencies, 'readBases' | 'policy' | 'registry' | 'signer'>;

/**
 * What would stop the build by its Dockerfile alone: frontend, stages, user, and every image it names, which must be
 * allow-listed and signed by the base custodian. The build checks it again: what is on disk may change in between.
 * Throws BUILD_REFUSED, LATEST_REFUSED, BASE_REFUSED.
 */
export async function checkDockerfile(parts: BaseParts, text: string): Promise<void> {
  const { build } = parts.policy;
  const { images, refusals } = inspectDockerfile(parseDockerfile(text), build);
  const catalogue = await parts.readBases();
  const facts = await Promise.all(
    images.map(async (name) => {
      const pinned = pinBase(name, catalogue);
      return { name, pinned, signed: pinned !== null && (await isSigned(parts, pinned)) };
    }),
  );
  const [refusal] = [...refusals, ...refuseBases(facts, build.bases)];
  if (!refusal) return;
  throw new ReleaseError(refusal.code, refusal.message, {
    details: { field: 'source.path', remedy: refusal.remedy },
  });
}

async function isSigned(parts: BaseParts, image: PinnedBase): Promise<boolean> {
  const { signing, build } = parts.policy;
  if (!build.bases.signatureRequired) return false;
  const found = await findAttestation(parts, {
    image,
    keyId: KEY_IDS.bases,
    predicateType: PREDICATE_TYPES.signature,
    log: signing.transparencyLog === 'required',
  });
  return found.ok;
}
