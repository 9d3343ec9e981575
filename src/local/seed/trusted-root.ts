import { createHash, createPublicKey, randomUUID } from 'node:crypto';
import { mkdir, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { writeKeyRing } from '../../adapters/kms/key-ring-file';
import { ReleaseError } from '../../contract/errors';
import type { KeyManagement } from '../../ports/signer';

interface TrustedRootInput {
  readonly file: string;
  readonly rekorUrl: string;
  /** PEM of an Ed25519 key. */
  readonly rekorPublicKey: string;
  /** What the log calls itself in checkpoints: `rekor-server serve --hostname`. */
  readonly hostname: string;
  /** RFC 3339: the key counts from here. */
  readonly start: string;
}

const PUBLIC_MODE = 0o644;

async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${randomUUID()}.new`;
  await writeFile(draft, text, { flag: 'wx' });
  await rename(draft, file);
}

/** The key id of a C2SP signed note, not shortened (c2sp.org/signed-note, "Signatures", Ed25519). */
function logKeyId(hostname: string, rawKey: Buffer): Buffer {
  return createHash('sha256').update(`${hostname}\n`).update(Buffer.of(1)).update(rawKey).digest();
}

/**
 * Writes the sigstore trusted_root.json that names our log, for us and for stock `cosign --trusted-root`.
 * @throws ReleaseError INVALID_INPUT when the hostname is not that of the URL: cosign takes the checkpoint's
 * origin from the URL (sigstore-go, pkg/verify/tlog.go).
 */
export async function writeTrustedRoot(input: TrustedRootInput): Promise<void> {
  const { file, rekorUrl, hostname, start } = input;
  if (new URL(rekorUrl).hostname !== hostname) {
    throw new ReleaseError(
      'INVALID_INPUT',
      `the log at ${rekorUrl} must be called by its host name`,
      {
        details: { field: 'hostname', remedy: 'start rekor-server with --hostname of its URL' },
      },
    );
  }
  const key = createPublicKey(input.rekorPublicKey);
  const der = key.export({ type: 'spki', format: 'der' });
  // An Ed25519 SubjectPublicKeyInfo ends with the 32 bytes of the key (RFC 8410, section 4).
  const keyId = logKeyId(hostname, der.subarray(-32)).toString('base64');
  const root = {
    mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1',
    tlogs: [
      {
        baseUrl: rekorUrl,
        hashAlgorithm: 'SHA2_256',
        publicKey: {
          rawBytes: der.toString('base64'),
          keyDetails: 'PKIX_ED25519',
          validFor: { start },
        },
        logId: { keyId },
      },
    ],
  };
  await mkdir(dirname(file), { recursive: true });
  await replaceFile(file, `${JSON.stringify(root, null, 2)}\n`);
}

/** Writes `{keyId}.pub` (with `_` for `/`) for `cosign verify --key`; returns the file of each key id. */
export async function writePublicKeys(
  dir: string,
  kms: KeyManagement,
  keyIds: readonly string[],
): Promise<Readonly<Record<string, string>>> {
  await mkdir(dir, { recursive: true });
  const files: Record<string, string> = {};
  for (const keyId of keyIds) {
    const file = join(dir, `${keyId.replaceAll('/', '_')}.pub`);
    const ring = await kms.keyRing(keyId);
    await replaceFile(file, ring.current.publicKey);
    // Of a key that was rotated its verifiers need the former versions too.
    if (ring.others.length > 0) await writeKeyRing(dir, ring, PUBLIC_MODE);
    files[keyId] = file;
  }
  return files;
}
