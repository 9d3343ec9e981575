import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import { inParallel } from '../../contract/in-parallel';
import type { AdmissionRequest } from '../../contract/schema/admission-review';
import type { ImagePosition } from '../../domain/admission/image-positions';
import type { Digest } from '../../domain/digest';
import { allow } from '../answer';
import type { AdmissionDependencies } from '../dependencies';
import { readImageName } from '../images/read-image-name';
import { within } from '../time-limit';
import { readObject } from './read-object';
import type { Reviewer } from './reviewer';

type MutatorDependencies = Pick<AdmissionDependencies, 'workloads' | 'registry' | 'settings'>;

/** RFC 6902. */
interface PatchOperation {
  readonly op: 'test' | 'replace';
  readonly path: string;
  readonly value: string;
}

/** What a tag of ours means, or why it is left as it is. */
type Resolved = { readonly digest: Digest } | { readonly warning: string } | null;

const PARALLEL = 8;

function patchFor(
  positions: readonly ImagePosition[],
  resolved: ReadonlyMap<string, Resolved>,
): readonly PatchOperation[] {
  return positions.flatMap(({ pointer: path, image }) => {
    const found = resolved.get(image);
    if (!found || !('digest' in found)) return [];
    // The tag stays, for people; runtimes go by the digest.
    const value = `${image}@${found.digest}`;
    return [
      { op: 'test', path, value: image },
      { op: 'replace', path, value },
    ] as const;
  });
}

/**
 * Writes the digest behind each tag of our registry. It judges nothing and refuses nothing: what it leaves as it is, the
 * validating webhook refuses.
 */
export function createMutator({ workloads, registry, settings }: MutatorDependencies): Reviewer {
  async function resolve(image: string): Promise<Resolved> {
    const name = readImageName(image);
    if (!name?.tag || name.digest !== null || name.host === null) return null;
    if (!settings.registries.includes(name.host) || name.tag === 'latest') return null;
    try {
      const found = await within(
        registry.resolve(name.repository, name.tag),
        settings.dependencyMs,
        'The registry',
      );
      return found ? { digest: found.digest } : { warning: `${image}: there is no such tag` };
    } catch (error) {
      return { warning: `${image}: its digest could not be asked for: ${failureReason(error)}` };
    }
  }

  async function patched(
    { uid }: AdmissionRequest,
    positions: readonly ImagePosition[],
  ): ReturnType<Reviewer> {
    const names = [...new Set(positions.map(({ image }) => image))];
    const pairs = await inParallel(
      names,
      PARALLEL,
      async (name) => [name, await resolve(name)] as const,
    );
    const resolved = new Map(pairs);
    const patch = patchFor(positions, resolved);
    const warnings = pairs.flatMap(([, one]) => (one && 'warning' in one ? [one.warning] : []));
    const response = allow(uid, warnings);
    if (patch.length === 0) return { verdict: 'admitted', response };
    const text = Buffer.from(JSON.stringify(patch)).toString('base64');
    return { verdict: 'admitted', response: { ...response, patchType: 'JSONPatch', patch: text } };
  }

  return async (request) => {
    const untouched = { verdict: 'admitted', response: allow(request.uid) } as const;
    try {
      const asked = readObject(workloads, request);
      const isSmall = asked && asked.images.length <= settings.limits.imagesPerReview;
      return isSmall ? await patched(request, asked.images) : untouched;
    } catch (error) {
      // Of a wrong shape: the validating webhook says so.
      if (error instanceof ReleaseError) return untouched;
      throw error;
    }
  };
}
