import { DockerfileParser } from 'dockerfile-ast';
import { ReleaseError } from '../../contract/errors';
import { pinBase, refuseBases, type PinnedBase } from '../../domain/bases';
import { KEY_IDS, PREDICATE_TYPES } from '../../ports/signer';
import { findAttestation } from '../attestations';
import type { ApiDependencies } from '../dependencies';

type BaseParts = Pick<ApiDependencies, 'readBases' | 'policy' | 'registry' | 'signer'>;

/**
 * The bases a Dockerfile starts from must be allow-listed and signed by the base custodian. The build
 * checks it again, and the rest of the file: what is on disk may change in between.
 * Throws BASE_REFUSED.
 */
export async function checkBases(parts: BaseParts, dockerfile: string): Promise<void> {
  const catalogue = await parts.readBases();
  const facts = await Promise.all(
    baseNames(dockerfile).map(async (name) => {
      const pinned = pinBase(name, catalogue);
      return { name, pinned, signed: pinned !== null && (await isSigned(parts, pinned)) };
    }),
  );
  const [refusal] = refuseBases(facts, parts.policy.build.bases);
  if (!refusal) return;
  throw new ReleaseError('BASE_REFUSED', refusal.message, {
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

/** Images named by FROM that are no earlier stage; names made of build arguments are the build's to refuse. */
function baseNames(dockerfile: string): readonly string[] {
  const stages = new Set<string>(['scratch']);
  const names = new Set<string>();
  for (const from of DockerfileParser.parse(dockerfile).getFROMs()) {
    const image = from.getImage();
    if (image !== null && !stages.has(image.toLowerCase()) && !image.includes('$')) {
      names.add(image);
    }
    const stage = from.getBuildStage();
    if (stage !== null) stages.add(stage.toLowerCase());
  }
  return [...names];
}
