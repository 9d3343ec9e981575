import type { PinnedBase } from '../src/domain/bases';
import type { Digest } from '../src/domain/digest';
import { KEY_IDS, PREDICATE_TYPES } from '../src/ports/signer';
import { findVerifiedBundle, type BundleDeps } from './bundles';
import type { Deps } from './deps';

/** Whether the base custodian signed it. */
export async function isSignedBase(
  deps: BundleDeps,
  base: PinnedBase,
  log: boolean,
): Promise<boolean> {
  const bundle = await findVerifiedBundle(deps, {
    image: base,
    predicateType: PREDICATE_TYPES.signature,
    keyId: KEY_IDS.bases,
    log,
  });
  return bundle !== null;
}

/** Those of `bases` that the base custodian signed. */
export async function signedBasesOf(
  deps: Pick<Deps, 'registry' | 'signer'>,
  bases: readonly PinnedBase[],
  log: boolean,
): Promise<readonly Digest[]> {
  const signed = await Promise.all(bases.map((base) => isSignedBase(deps, base, log)));
  return bases.filter((_, index) => signed[index]).map((base) => base.digest);
}
