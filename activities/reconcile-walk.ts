import { ReleaseError } from '../src/contract/errors';
import type { WalkCursor } from '../src/contract/messages';
import type { Digest } from '../src/domain/digest';
import { isInShare, type Finding } from '../src/domain/registry/drift';
import type { RepositoryRecord } from '../src/ports/inventory';
import { heartbeating } from './heartbeat';
import { inParallel } from '../src/contract/in-parallel';
import type { ReconcileDeps, WalkInput, WalkResult } from './reconcile';
import {
  localReason,
  lookAtChannels,
  lookAtTag,
  PARALLEL,
  type ChannelLooks,
} from './reconcile-look';

const PAGE = 100;
const TAG_PAGE = 1000;
const MAX_TAG_PAGES = 200;
/** Tags looked at between two looks at the clock. */
const CHUNK = 64;
/** A slice ends after so long, or with so many findings: both bound what one activity may lose or return. */
const SLICE_MS = 60_000;
const MAX_FINDINGS = 100;
/** What is over is found again by the next run. */
const MAX_RETURNED = 1000;
/** So many repositories in a row that can't be read are no matter of a repository. */
const MAX_FAILED_IN_A_ROW = 3;

interface Slice {
  readonly deps: ReconcileDeps;
  readonly input: WalkInput;
  readonly endsAt: number;
  readonly signal: AbortSignal;
  readonly note: (text: string) => void;
  repositories: number;
  tags: number;
  manifests: number;
  failedInARow: number;
  readonly findings: Finding[];
  readonly errors: string[];
}

export function walkRegistry(deps: ReconcileDeps, input: WalkInput): Promise<WalkResult> {
  return heartbeating(async (signal, note) => {
    const slice: Slice = {
      deps,
      input,
      endsAt: deps.now().getTime() + SLICE_MS,
      signal,
      note,
      repositories: 0,
      tags: 0,
      manifests: 0,
      failedInARow: 0,
      findings: [],
      errors: [],
    };
    const next = await walk(slice);
    // Not after a slice with holes: a clean-up plan believes the record by this time.
    if (!next && slice.errors.length === 0)
      await deps.inventory.recordWalk(deps.now().toISOString());
    const { repositories, tags, manifests, findings, errors } = slice;
    return { next, repositories, tags, manifests, findings, errors };
  });
}

function isFull({ deps, endsAt, findings }: Slice): boolean {
  return findings.length >= MAX_FINDINGS || deps.now().getTime() >= endsAt;
}

/** At least one step, so that every slice gets on. */
async function walk(slice: Slice): Promise<WalkCursor | null> {
  let cursor: WalkCursor | null = slice.input.cursor;
  do {
    cursor = cursor.tag === null ? await walkPage(slice, cursor) : await goOn(slice, cursor);
  } while (cursor && !isFull(slice));
  return cursor;
}

async function goOn(slice: Slice, cursor: WalkCursor): Promise<WalkCursor> {
  if (cursor.after === null) return { ...cursor, tag: null };
  return { ...cursor, tag: await visit(slice, cursor.after, cursor.tag) };
}

async function walkPage(slice: Slice, cursor: WalkCursor): Promise<WalkCursor | null> {
  const { phase } = cursor;
  const { names, last } = await nextNames(slice.deps, cursor);
  for (const name of names) {
    slice.signal.throwIfAborted();
    // Each repository belongs to one phase: a name without contents is left to the second.
    if ((phase === 'recorded') !== (await isRecorded(slice.deps, name))) continue;
    const tag = await visit(slice, name, null);
    if (tag !== null || isFull(slice)) return { phase, after: name, tag };
  }
  if (!last) return { phase, after: names.at(-1) ?? null, tag: null };
  return phase === 'recorded' ? { phase: 'unrecorded', after: null, tag: null } : null;
}

async function nextNames(
  { inventory, catalog }: ReconcileDeps,
  { phase, after }: WalkCursor,
): Promise<{ readonly names: readonly string[]; readonly last: boolean }> {
  const page = { limit: PAGE, ...(after !== null && { after }) };
  if (phase === 'recorded') {
    const names = await inventory.listRepositories(page);
    return { names, last: names.length < PAGE };
  }
  const { names, next } = await catalog.listRepositories(page);
  if (next !== null && next === after) {
    throw new ReleaseError('REGISTRY_UNAVAILABLE', 'the registry gives the same page again', {
      details: { after: next, remedy: 'see the registry: its _catalog does not go on' },
    });
  }
  return { names, last: next === null || names.length === 0 };
}

async function isRecorded({ inventory }: ReconcileDeps, repository: string): Promise<boolean> {
  if ((await inventory.listTags(repository, { limit: 1 })).length > 0) return true;
  return (await inventory.readRepository(repository)).manifests.length > 0;
}

/** Looks at one repository, from `after` on; returns the tag it stopped at when there is more. */
async function visit(
  slice: Slice,
  repository: string,
  after: string | null,
): Promise<string | null> {
  slice.note(repository);
  try {
    const stoppedAt = await lookAtRepository(slice, repository, after);
    slice.failedInARow = 0;
    if (stoppedAt === null) slice.repositories += 1;
    return stoppedAt;
  } catch (error) {
    const reason = localReason(error);
    slice.failedInARow += 1;
    if (slice.failedInARow >= MAX_FAILED_IN_A_ROW) throw error;
    slice.errors.push(`${repository}: ${reason}`);
    return null;
  }
}

async function lookAtRepository(
  slice: Slice,
  repository: string,
  after: string | null,
): Promise<string | null> {
  const { deps } = slice;
  const names = await tagNames(slice, repository);
  const record = await deps.inventory.readRepository(repository);
  const channels = await lookAtChannels(deps, repository);
  const tags = allTags(names, record, channels).filter((tag) => after === null || tag > after);
  const recorded = new Map(record.tags.map((one) => [one.tag, one]));
  const held = new Set<Digest>();
  for (let from = 0; from < tags.length; from += CHUNK) {
    slice.signal.throwIfAborted();
    const chunk = tags.slice(from, from + CHUNK);
    const answers = await inParallel(chunk, PARALLEL, (tag) => {
      const known = recorded.get(tag);
      return lookAtTag(deps, {
        repository,
        tag,
        recorded: known ? { digest: known.digest, writeOnce: known.writeOnce } : null,
        channel: channels.get(tag) ?? null,
      });
    });
    for (const { found, finding } of answers) {
      if (found) held.add(found);
      if (finding) slice.findings.push(finding);
    }
    slice.tags += chunk.length;
    const more = from + CHUNK < tags.length;
    if (more && isFull(slice)) return chunk.at(-1) ?? null;
  }
  await lookAtManifests(slice, record, held);
  return null;
}

/** Sorted by code units, the one order that the cursor is compared in. */
function allTags(
  names: readonly string[],
  record: RepositoryRecord,
  channels: ChannelLooks,
): readonly string[] {
  return [...new Set([...names, ...record.tags.map(({ tag }) => tag), ...channels.keys()])].sort();
}

async function tagNames({ deps, signal }: Slice, repository: string): Promise<readonly string[]> {
  const names: string[] = [];
  let after: string | null = null;
  for (let count = 0; count < MAX_TAG_PAGES; count += 1) {
    signal.throwIfAborted();
    const page = await deps.catalog.listTags(repository, {
      limit: TAG_PAGE,
      ...(after !== null && { after }),
    });
    names.push(...(page?.names ?? []));
    if (!page || page.next === null || page.names.length === 0) return names;
    after = page.next;
  }
  throw new ReleaseError('INVALID_INPUT', `${repository} has more tags than are looked at`, {
    details: { remedy: `remove old tags: ${MAX_TAG_PAGES * TAG_PAGE} are the most` },
  });
}

/** A share of the manifests on record: no list of a registry names the untagged ones. */
async function lookAtManifests(
  slice: Slice,
  { repository, manifests }: RepositoryRecord,
  held: ReadonlySet<Digest>,
): Promise<void> {
  const { deps, input } = slice;
  const share = manifests.filter(
    (digest) => !held.has(digest) && isInShare(digest, input.manifestShare, input.manifestShares),
  );
  await inParallel(share, PARALLEL, async (digest) => {
    slice.signal.throwIfAborted();
    if (await deps.catalog.describe(repository, digest)) return;
    if (slice.findings.length < MAX_RETURNED) {
      slice.findings.push({ kind: 'gone-manifest', repository, digest });
    }
  });
  slice.manifests += share.length;
}
