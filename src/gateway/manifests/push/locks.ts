import type { Digest } from '../../../domain/digest';
import type { ManifestFacts } from '../../../domain/registry/manifest-facts';
import { subjectOfTag } from '../../../domain/registry/referrers-index';

// Keys of what is written by one at a time, over all gateways. Never one within another, and where two are needed that of the
// referrers or of the tag comes before that of the manifest: then no two wait for each other.

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

/** Deletes that a push waits for: of the manifest itself, of what it names, and of what it is about. */
export function deletesOf(
  repository: string,
  { digest, children, subject }: Pick<ManifestFacts, 'digest' | 'children' | 'subject'>,
): readonly string[] {
  const named = children.map((child) => child.digest);
  const touched = new Set([digest, ...(subject === null ? [] : [subject]), ...named]);
  return [...touched].map((one) => manifestLock(repository, one));
}
