import { createHash } from 'node:crypto';
import { bundleToJSON, toDSSEBundle, type TransparencyLogEntry } from '@sigstore/bundle';
import { dsse } from '@sigstore/core';
import { TransparencyLogEntry as LogEntryMessage } from '@sigstore/protobuf-specs';
import { ReleaseError } from '../../contract/errors';
import type { KeyManagement, LogWitness, Statement } from '../../ports/signer';

export const IN_TOTO_TYPE = 'application/vnd.in-toto+json';

/** The checkpoint of a log has a dash beyond Latin-1: with it as it is, readers keep all of a large SBOM in two bytes a character. */
function asciiJson(value: unknown): string {
  return JSON.stringify(value).replaceAll(
    /[\u0080-\uffff]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function toLogEntry(json: unknown): TransparencyLogEntry {
  const entry = LogEntryMessage.fromJSON(json);
  const { logId, kindVersion } = entry;
  if (!logId || !kindVersion) {
    throw new ReleaseError('LOG_UNAVAILABLE', 'the transparency log gave no log id or no kind');
  }
  return { ...entry, logId, kindVersion };
}

/**
 * A DSSE bundle v0.3 as cosign v3 reads it. The key gets no hint: it would be copied into
 * `signatures[0].keyid`, and cosign refuses a signature with a key id.
 */
export async function signBundle(
  kms: KeyManagement,
  keyId: string,
  statement: Statement,
  log: LogWitness | undefined,
): Promise<Buffer> {
  const artifact = Buffer.from(JSON.stringify(statement));
  const signed = dsse.preAuthEncoding(IN_TOTO_TYPE, artifact);
  const signature = await kms.sign(keyId, signed);
  const bundle = toDSSEBundle({ artifact, artifactType: IN_TOTO_TYPE, signature });
  if (log) {
    const digest = createHash('sha256').update(signed).digest();
    const publicKey = await kms.publicKey(keyId);
    const entry = toLogEntry(await log.record({ digest, signature, publicKey }));
    bundle.verificationMaterial.tlogEntries.push(entry);
  }
  return Buffer.from(asciiJson(bundleToJSON(bundle)));
}
