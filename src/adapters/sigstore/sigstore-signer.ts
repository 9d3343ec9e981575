import { ReleaseError } from '../../contract/errors';
import { isDigest, type Digest } from '../../domain/digest';
import type { KeyManagement, LogWitness, Signer, Statement } from '../../ports/signer';
import { signBundle } from './sign-bundle';
import { createTrustedRootReader } from './trusted-root';
import { createTrust, verifyBundle, type Trust } from './verify-bundle';

interface SigstoreSignerOptions {
  readonly kms: KeyManagement;
  /** The log new signatures go to; without it `sign(…, log: true)` is LOG_UNAVAILABLE. */
  readonly witness?: LogWitness;
  /** sigstore trusted_root.json with the log's key; needed to sign or verify with the log. */
  readonly trustedRootFile?: string;
}

/** More keys than an installation has; bounds the memory, not the use. */
const MAX_TRUSTS = 50;

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
  const trusts = new Map<string, Trust>();

  async function trustOf(keyId: string, log: boolean): Promise<Trust> {
    const root = log ? await readTrustedRoot() : null;
    const publicKey = await kms.publicKey(keyId);
    const name = `${log ? 'logged' : 'plain'} ${publicKey}`;
    const trust = trusts.get(name) ?? createTrust(publicKey, root);
    if (trusts.size >= MAX_TRUSTS) {
      trusts.clear();
    }
    trusts.set(name, trust);
    return trust;
  }

  async function signLogged(keyId: string, statement: Statement): Promise<Buffer> {
    if (!witness) {
      throw new ReleaseError('LOG_UNAVAILABLE', 'no transparency log is configured', {
        details: { remedy: 'give the signer a log, or let the policy not require it' },
      });
    }
    const expected = { subject: firstSubject(statement), predicateType: statement.predicateType };
    const trust = await trustOf(keyId, true);
    const bundle = await signBundle(kms, keyId, statement, witness);
    try {
      // A proof that does not hold under the trusted root is found here, not at every verifier.
      verifyBundle(bundle, trust, expected);
    } catch (cause) {
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
    verify: async (keyId, bundle, expected) =>
      verifyBundle(bundle, await trustOf(keyId, expected.log), expected),
  };
}
