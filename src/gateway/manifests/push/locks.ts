import type { Digest } from '../../../domain/digest';
import { subjectOfTag } from '../../../domain/registry/referrers-index';

// Keys of what is written by one at a time, over all gateways. Never one within another: then no two wait for each other.

/** The tag of an index of referrers is written under the lock of its subject. */
export function tagLock(repository: string, tag: string): string {
  const subject = subjectOfTag(tag);
  return subject === null ? `tag/${repository}/${tag}` : referrersLock(repository, subject);
}

export function manifestLock(repository: string, digest: Digest): string {
  return `manifest/${repository}/${digest}`;
}

export function referrersLock(repository: string, subject: Digest): string {
  return `referrers/${repository}/${subject}`;
}
