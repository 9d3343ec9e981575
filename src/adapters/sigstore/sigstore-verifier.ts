import type { KeyRings, Signer } from '../../ports/signer';
import { chooseTrust, createKeyTrusts } from './key-trusts';
import { createTrustedRootReader } from './trusted-root';
import { parseBundle, verifyBundle } from './verify-bundle';

interface SigstoreVerifierOptions {
  readonly keys: KeyRings;
  /** sigstore trusted_root.json with the log's key; needed to verify with the log. */
  readonly trustedRootFile?: string;
  readonly now?: () => Date;
}

/** Verifies in process, with public keys alone. */
export function createSigstoreVerifier({
  keys,
  trustedRootFile,
  now = () => new Date(),
}: SigstoreVerifierOptions): Pick<Signer, 'verify'> {
  const trustsOf = createKeyTrusts(keys, createTrustedRootReader(trustedRootFile));
  return {
    verify: async (keyId, bytes, expected) => {
      const versions = await trustsOf(keyId, expected.log);
      const bundle = parseBundle(bytes);
      const age = { seenAt: expected.seenAt ?? null, now: now() };
      const { version, trust } = chooseTrust(bundle, versions, age);
      return { ...verifyBundle(bundle, trust, expected), keyVersion: version.version };
    },
  };
}
