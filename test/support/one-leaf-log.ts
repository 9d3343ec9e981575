import { createHash, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import type { Json } from '../../src/domain/verdict';
import type { LogRequest, LogWitness } from '../../src/ports/signer';

export interface OneLeafLog {
  readonly witness: LogWitness;
  readonly url: string;
  readonly hostname: string;
  /** PEM. */
  readonly publicKey: string;
}

const sha256 = (...parts: readonly (Buffer | string)[]): Buffer =>
  parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest();

function leafBody({ digest, signature, publicKey }: LogRequest): Buffer {
  const rawBytes = createPublicKey(publicKey).export({ type: 'spki', format: 'der' });
  const verifier = {
    keyDetails: 'PKIX_ECDSA_P256_SHA_256',
    publicKey: { rawBytes: rawBytes.toString('base64') },
  };
  return Buffer.from(
    JSON.stringify({
      apiVersion: '0.0.2',
      kind: 'hashedrekord',
      spec: {
        hashedRekordV002: {
          data: { algorithm: 'SHA2_256', digest: digest.toString('base64') },
          signature: { content: signature.toString('base64'), verifier },
        },
      },
    }),
  );
}

/** Real proofs without a server: every entry is the only leaf of a tree of its own (RFC 6962; C2SP checkpoints). */
export function createOneLeafLog(): OneLeafLog {
  const hostname = 'log.invalid';
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const der = publicKey.export({ type: 'spki', format: 'der' });
  const keyId = sha256(`${hostname}\n`, Buffer.of(1), der.subarray(-32));

  function record(request: LogRequest): Json {
    const body = leafBody(request);
    const root = sha256(Buffer.of(0), body).toString('base64');
    const note = `${hostname}\n1\n${root}\n`;
    const signature = Buffer.concat([
      keyId.subarray(0, 4),
      sign(null, Buffer.from(note), privateKey),
    ]);
    return {
      logIndex: '0',
      logId: { keyId: keyId.toString('base64') },
      kindVersion: { kind: 'hashedrekord', version: '0.0.2' },
      integratedTime: '0',
      inclusionProof: {
        logIndex: '0',
        rootHash: root,
        treeSize: '1',
        hashes: [],
        checkpoint: { envelope: `${note}\n— ${hostname} ${signature.toString('base64')}\n` },
      },
      canonicalizedBody: body.toString('base64'),
    };
  }

  return {
    witness: { record: (request) => Promise.resolve(record(request)) },
    url: `https://${hostname}`,
    hostname,
    publicKey: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
