import { componentsOf } from '../src/domain/advisories/sbom-components';
import type { Digest } from '../src/domain/digest';
import type { Json } from '../src/domain/verdict';
import type { Deps } from './deps';

export interface SbomToIndex {
  readonly digest: Digest;
  /** `sha256:` of the document. */
  readonly sbom: string;
  readonly document: Json;
}

/** Writes down what the digest is made of. @throws ReleaseError LEDGER_UNAVAILABLE */
export async function indexSbom(
  { componentIndex, now }: Pick<Deps, 'componentIndex' | 'now'>,
  { digest, sbom, document }: SbomToIndex,
): Promise<void> {
  await componentIndex.put({ digest, sbom, ...componentsOf(document), at: now().toISOString() });
}
