import { generateKeyPairSync, sign } from 'node:crypto';
import type { TrustedRoot } from '@sigstore/protobuf-specs';
import { createOneLeafLog } from '../../adapters/sigstore/one-leaf-log';
import { signBundle } from '../../adapters/sigstore/sign-bundle';
import type { Digest } from '../../domain/digest';
import { singleKeyRing } from '../../domain/keys';
import type { Json } from '../../domain/verdict';
import type { KeyRings } from '../../ports/signer';

/** Keys and a log that nobody else trusts and that end with the process. */
export interface RehearsalSigning {
  /** One key for all: which is asked for makes no difference to the work. */
  readonly keys: KeyRings;
  readonly trustedRoot: TrustedRoot;
  sign(keyId: string, subject: Digest, predicateType: string, predicate: Json): Promise<Buffer>;
}

export function createRehearsalSigning(): RehearsalSigning {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const pem = publicKey.export({ type: 'spki', format: 'pem' }).toString();
  const log = createOneLeafLog();
  const kms = {
    sign: (_keyId: string, data: Buffer) => Promise.resolve(sign('sha256', data, privateKey)),
    publicKey: () => Promise.resolve(pem),
  };
  return {
    keys: { keyRing: (keyId) => Promise.resolve(singleKeyRing(keyId, pem)) },
    trustedRoot: log.trustedRoot,
    sign: (keyId, subject, predicateType, predicate) => {
      const statement = {
        _type: 'https://in-toto.io/Statement/v1',
        subject: [{ digest: { sha256: subject.slice('sha256:'.length) } }],
        predicateType,
        predicate,
      } as const;
      return signBundle(kms, keyId, statement, log.witness);
    },
  };
}
