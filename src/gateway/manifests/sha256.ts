import { hash } from 'node:crypto';
import type { Digest } from '../../domain/digest';

/** The digest of these bytes (OCI image-spec, descriptor, "Digests"). */
export function sha256(bytes: Buffer): Digest {
  return `sha256:${hash('sha256', bytes, 'hex')}`;
}
