import { ReleaseError } from '../../contract/errors';
import { isDigest, type Digest } from '../../domain/digest';
import type { KeyManagement, KeyRings, LogWitness, Signer, Statement } from '../../ports/signer';
import { signBundle } from './sign-bundle';
import { createSigstoreVerifier } from './sigstore-verifier';
import { createTrustedRootReader } from './trusted-root';

interface SigstoreSignerOptions {
  readonly kms: KeyManagement;
  /** The log new signatures go to; without it `sign(…, log: true)` is LOG_UNAVAILABLE. */
  readonly witness?: LogWitness;
  /** What is verified with, where more is known of the keys than `kms` knows. */
  readonly keys?: KeyRings;
  /** sigstore trusted_root.json with the log's key; needed to sign or verify with the log. */
  readonly trustedRootFile?: string;
  readonly now?: () => Date;
}

function firstSubject(statement: Statement): Digest {
  const digest = `sha256:${statement.subject[0]?.digest['sha256'] ?? ''}`;
  if (!isDigest(digest)) {
    throw new ReleaseError('INVALID_INPUT', 'the statement has no sha256 subject', {
      details: { field: 'subject', remedy: 'sign statements about a digest' },
    });
  }
  return digest;
}

/** Signs and verifies in process, with keys behind the KeyManagement port. */
export function createSigstoreSigner(options: SigstoreSignerOptions): Signer {
  const { kms, witness, trustedRootFile } = options;
  const readTrustedRoot = createTrustedRootReader(trustedRootFile);
  const { verify } = createSigstoreVerifier({ ...options, keys: options.keys ?? kms });

  async function signLogged(keyId: string, statement: Statement): Promise<Buffer> {
    if (!witness) {
      throw new ReleaseError('LOG_UNAVAILABLE', 'no transparency log is configured', {
        details: { remedy: 'give the signer a log, or let the policy not require it' },
      });
    }
    const expected = { subject: firstSubject(statement), predicateType: statement.predicateType };
    // Before the log keeps it for ever: without a trusted root nobody could verify it.
    await readTrustedRoot();
    const bundle = await signBundle(kms, keyId, statement, witness);
    try {
      // A proof that does not hold under the trusted root is found here, not at every verifier.
      await verify(keyId, bundle, { ...expected, log: true });
    } catch (cause) {
      if (!(cause instanceof ReleaseError && cause.code === 'SIGNATURE_INVALID')) throw cause;
      throw new ReleaseError(
        'LOG_UNAVAILABLE',
        'the log answered with a proof that does not verify',
        {
          cause,
          details: { remedy: 'check that the trusted root names the key and host of this log' },
        },
      );
    }
    return bundle;
  }

  return {
    sign: async (keyId, statement, log) => {
      firstSubject(statement);
      return log ? signLogged(keyId, statement) : signBundle(kms, keyId, statement, undefined);
    },
    verify,
  };
}
