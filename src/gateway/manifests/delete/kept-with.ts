import type { Digest } from '../../../domain/digest';
import type { ManifestRecord } from '../../../ports/inventory';
import type { GatewayDependencies } from '../../dependencies';

/** A signature of an SBOM of an image is as deep as evidence goes. */
const MAX_DEPTH = 4;

/**
 * Itself, the indexes that hold it, what it is about, and what that is about, with the indexes that hold them: where one of them
 * is kept, so is it. Without its signatures an image is of no use, nor an index without its images and theirs.
 */
export async function keptWith(
  { inventory }: Pick<GatewayDependencies, 'inventory'>,
  repository: string,
  { digest, subject }: Pick<ManifestRecord, 'digest' | 'subject'>,
): Promise<readonly Digest[]> {
  const found: Digest[] = [digest, ...(await inventory.listParents(repository, digest))];
  let next = subject;
  for (let depth = 0; next !== null && depth < MAX_DEPTH; depth += 1) {
    found.push(next, ...(await inventory.listParents(repository, next)));
    next = (await inventory.getManifest(repository, next))?.subject ?? null;
  }
  return found;
}
