import type { TrustedRoot } from '@sigstore/protobuf-specs';
import { judgeKey, versionsOf, type KeyVersion, type SignatureAge } from '../../domain/keys';
import type { KeyRings } from '../../ports/signer';
import { createTrust, invalid, isSignedBy, type SignedBundle, type Trust } from './verify-bundle';

interface VersionTrust {
  readonly version: KeyVersion;
  readonly trust: Trust;
}

/** More keys than an installation has; bounds the memory, not the use. */
const MAX_TRUSTS = 50;

/** Gives what a bundle is verified with: the versions of a key, in their ring's order, the current one first. */
export function createKeyTrusts(
  keys: KeyRings,
  readTrustedRoot: () => Promise<TrustedRoot>,
): (keyId: string, log: boolean) => Promise<readonly VersionTrust[]> {
  const known = new Map<string, Trust>();
  return async (keyId, log) => {
    const root = log ? await readTrustedRoot() : null;
    const ring = await keys.keyRing(keyId);
    return versionsOf(ring).map((version) => {
      const name = `${log ? 'logged' : 'plain'} ${version.publicKey}`;
      const trust = known.get(name) ?? createTrust(version.publicKey, root);
      if (known.size >= MAX_TRUSTS) {
        known.clear();
      }
      known.set(name, trust);
      return { version, trust };
    });
  };
}

/**
 * The version that made the signature, if it counts for a signature of this age. With one version alone there is
 * nothing to choose, and the verification says better what is wrong.
 * @throws ReleaseError SIGNATURE_INVALID
 */
export function chooseTrust(
  bundle: SignedBundle,
  versions: readonly VersionTrust[],
  age: SignatureAge,
): VersionTrust {
  const chosen =
    versions.length === 1 ? versions[0] : versions.find(({ trust }) => isSignedBy(bundle, trust));
  if (!chosen) {
    throw invalid('no version of the key made this signature');
  }
  const judged = judgeKey(chosen.version, age);
  if (!judged.good) {
    throw invalid(judged.why);
  }
  return chosen;
}
