import { ReleaseError } from '../../contract/errors';
import { parseDockerfile } from '../../contract/schema/dockerfile';
import { pinBase, refuseBases, type BaseFacts, type PinnedBase } from '../../domain/bases';
import type { DockerfileStage } from '../../domain/dockerfile/facts';
import {
  inspectDockerfile,
  type BuildRefusal,
  type DockerfileInspection,
} from '../../domain/dockerfile';
import { KEY_IDS, PREDICATE_TYPES } from '../../ports/signer';
import { findAttestation } from '../attestations';
import type { ApiDependencies } from '../dependencies';

type BaseParts = Pick<ApiDependencies, 'readBases' | 'policy' | 'registry' | 'signer'>;

/** An image of a Dockerfile with what the build would make of it. */
interface JudgedImage extends BaseFacts {
  /** Lines that name it, from 1. */
  readonly lines: readonly number[];
  /** Null when a build may start from it. */
  readonly refusal: BuildRefusal | null;
}

interface JudgedDockerfile {
  readonly stages: readonly DockerfileStage[];
  readonly finalUser: DockerfileInspection['finalUser'];
  readonly images: readonly JudgedImage[];
  /** What is wrong with the text itself, then with its images. */
  readonly refusals: readonly BuildRefusal[];
}

/**
 * What would stop a build by its Dockerfile alone: frontend, stages, user, and every image it names, which must be
 * allow-listed and signed by the base custodian. The build checks it again: what is on disk may change in between.
 */
export async function judgeDockerfile(parts: BaseParts, text: string): Promise<JudgedDockerfile> {
  const { build } = parts.policy;
  const read = parseDockerfile(text);
  const inspection = inspectDockerfile(read, build);
  const catalogue = await parts.readBases();
  const linesOf = new Map<string, number[]>(inspection.images.map((name) => [name, []]));
  for (const { name, line } of inspection.mentions) linesOf.get(name)?.push(line);
  const images = await Promise.all(
    inspection.images.map(async (name): Promise<JudgedImage> => {
      const pinned = pinBase(name, catalogue);
      const facts = { name, pinned, signed: pinned !== null && (await isSigned(parts, pinned)) };
      const [refusal = null] = refuseBases([facts], build.bases);
      const lines = linesOf.get(name) ?? [];
      const [line] = lines;
      const where = line === undefined ? {} : { line };
      return { ...facts, lines, refusal: refusal && { ...refusal, ...where } };
    }),
  );
  const ofImages = images.flatMap(({ refusal }) => refusal ?? []);
  const refusals = [...inspection.refusals, ...ofImages];
  return { stages: read.stages, finalUser: inspection.finalUser, images, refusals };
}

/** Throws BUILD_REFUSED, LATEST_REFUSED, BASE_REFUSED. */
export async function checkDockerfile(parts: BaseParts, text: string): Promise<void> {
  const { refusals } = await judgeDockerfile(parts, text);
  const [refusal] = refusals;
  if (!refusal) return;
  throw new ReleaseError(refusal.code, refusal.message, {
    details: {
      field: 'source.path',
      ...(refusal.line !== undefined && { line: refusal.line }),
      remedy: refusal.remedy,
    },
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
