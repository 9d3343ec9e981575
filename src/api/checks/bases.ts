import { DockerfileParser } from 'dockerfile-ast';
import { ReleaseError } from '../../contract/errors';
import { KEY_IDS, PREDICATE_TYPES } from '../../ports/signer';
import { findAttestation } from '../attestations';
import type { ApiDependencies } from '../dependencies';

/**
 * The bases a Dockerfile starts from must be allow-listed and signed by the base custodian. The build
 * checks it again: what is on disk may change in between, and names made of build arguments are seen there only.
 * Throws BASE_REFUSED.
 */
export async function checkBases(
  deps: Pick<ApiDependencies, 'bases' | 'policy' | 'registry' | 'signer'>,
  dockerfile: string,
): Promise<void> {
  const { allow, signatureRequired } = deps.policy.build.bases;
  for (const name of baseNames(dockerfile)) {
    const base = deps.bases[name];
    if (!base || !allow.includes(base.repository)) {
      throw refused(name, 'it is not on the allow-list', Object.keys(deps.bases));
    }
    if (!signatureRequired) continue;
    const log = deps.policy.signing.transparencyLog === 'required';
    const found = await findAttestation(deps, {
      image: base,
      keyId: KEY_IDS.bases,
      predicateType: PREDICATE_TYPES.signature,
      log,
    });
    if (!found.ok) throw refused(name, found.why, Object.keys(deps.bases));
  }
}

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

function refused(name: string, why: string, known: readonly string[]): ReleaseError {
  return new ReleaseError('BASE_REFUSED', `The Dockerfile starts from "${name}": ${why}`, {
    details: {
      field: 'source.path',
      base: name,
      remedy: `start from one of: ${known.join(', ') || 'none is allowed yet'}`,
    },
  });
}
