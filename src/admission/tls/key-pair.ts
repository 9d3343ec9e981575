import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';

/** A serving certificate with its chain, and the key that fits it; PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
  /** Of the first certificate. */
  readonly notAfter: Date;
}

export interface KeyPairFiles {
  readonly certFile: string;
  readonly keyFile: string;
}

function unusable({ certFile, keyFile }: KeyPairFiles, why: string, cause?: unknown): ReleaseError {
  return new ReleaseError('INVALID_INPUT', `Certificate ${certFile}, key ${keyFile}: ${why}`, {
    cause,
    details: {
      field: certFile,
      remedy:
        'see that whatever writes them writes a pair; where PLURA_ADMISSION_SELF_MADE_FOR did, remove both: the next start makes others',
    },
  });
}

/** @throws ReleaseError INVALID_INPUT when they do not belong together, or the certificate has ended at `now`. */
export function parseKeyPair(
  files: KeyPairFiles,
  { cert, key }: { readonly cert: string; readonly key: string },
  now: Date,
): KeyPair {
  let notAfter: Date;
  let fits: boolean;
  try {
    const certificate = new X509Certificate(cert);
    notAfter = new Date(certificate.validTo);
    fits = certificate.checkPrivateKey(createPrivateKey(key));
  } catch (cause) {
    throw unusable(files, failureReason(cause), cause);
  }
  if (!fits) throw unusable(files, 'the key is not the one of the certificate');
  if (!(notAfter > now))
    throw unusable(files, `the certificate ended at ${notAfter.toISOString()}`);
  return { cert, key, notAfter };
}

/** @throws ReleaseError INVALID_INPUT */
export async function readKeyPair(files: KeyPairFiles, now: Date): Promise<KeyPair> {
  let texts: readonly [string, string];
  try {
    texts = await Promise.all([readFile(files.certFile, 'utf8'), readFile(files.keyFile, 'utf8')]);
  } catch (cause) {
    throw unusable(files, failureReason(cause), cause);
  }
  const [cert, key] = texts;
  return parseKeyPair(files, { cert, key }, now);
}
