import { shortDigest, type Digest } from './digest';
import type { ServiceName } from './reference';

/** Natural and unique: a digest can be pinned again, but never in the same epoch. */
export function revertKeyId(svc: ServiceName, epoch: number, pinned: Digest): string {
  return `${svc}/${String(epoch)}-${shortDigest(pinned)}`;
}

export function revertKeyExpiry(pinnedAt: string, ttlMs: number): string {
  return new Date(Date.parse(pinnedAt) + ttlMs).toISOString();
}
