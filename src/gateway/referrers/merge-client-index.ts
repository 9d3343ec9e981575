import type { Digest } from '../../domain/digest';
import {
  referrerEntry,
  referrersTag,
  uniteEntries,
  type ReferrerEntry,
} from '../../domain/registry/referrers-index';
import { refused } from '../http/refused';
import { referrersLock } from '../manifests/push/locks';
import type { StoreDependencies } from '../manifests/push/put-recorded';
import { readFacts } from '../manifests/push/registry-manifests';
import {
  LOOK_TIMEOUT_MS,
  putIndex,
  readUnlisted,
  writeEntries,
  type Attaching,
  type IndexManifest,
} from './keep-referrers';
import { readEntries, readStoredIndex } from './stored-index';

/** What each manifest says of itself. @throws Refused when one is not there, or does not refer to the subject */
async function readNamed(
  { backend }: StoreDependencies,
  { repository, subject }: Attaching,
  digests: readonly Digest[],
): Promise<readonly ReferrerEntry[]> {
  const entries: ReferrerEntry[] = [];
  for (const digest of digests) {
    const place = { repository, reference: digest };
    const facts = await readFacts(backend, place, AbortSignal.timeout(LOOK_TIMEOUT_MS));
    if (facts?.subject !== subject) {
      throw refused({
        code: 'MANIFEST_INVALID',
        rule: 'referrers-entry',
        message: `${repository} has no manifest ${digest} with the subject ${subject}`,
        remedy:
          'push the artifact before the index, with its subject; the gateway then lists it by itself',
      });
    }
    entries.push(referrerEntry(facts));
  }
  return entries;
}

/**
 * A client without the referrers API keeps the index of referrers by itself, and knows nothing of those who do so at the
 * same time. So what it sends is united with what is there: nothing that is attached gets lost. Its own bytes are
 * kept too, by their digest, which is what it is told.
 *
 * @throws Refused
 */
export async function mergeClientIndex(
  deps: StoreDependencies,
  attaching: Attaching,
  sent: IndexManifest,
): Promise<void> {
  const { repository, subject } = attaching;
  await deps.inventory.exclusively(referrersLock(repository, subject), async () => {
    const stored = await readStoredIndex(
      deps.backend,
      attaching,
      AbortSignal.timeout(LOOK_TIMEOUT_MS),
    );
    const before = stored?.entries ?? [];
    const known = new Set(before.map(({ digest }) => digest));
    const sentEntries = readEntries(sent.bytes);
    const added = new Set(sentEntries.map(({ digest }) => digest).filter((one) => !known.has(one)));
    const named = await readNamed(deps, attaching, [...added]);
    const listed = uniteEntries(before, named);
    const entries = uniteEntries(listed, await readUnlisted(deps, attaching, listed));
    if (JSON.stringify(entries) === JSON.stringify(sentEntries)) {
      await putIndex(deps, attaching, sent, referrersTag(subject));
      return;
    }
    await putIndex(deps, attaching, sent, null);
    await writeEntries(deps, attaching, entries);
  });
}
