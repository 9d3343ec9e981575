import type { Digest } from '../src/domain/digest';
import {
  describeFinding,
  isChannelTag,
  nameOf,
  UNKNOWN_ACTOR,
  type Finding,
  type RepairPlan,
} from '../src/domain/registry/drift';
import type { RegistryEvent } from '../src/ports/inventory';
import { heartbeating } from './heartbeat';
import type { ReconcileDeps, RepairInput, RepairOutcome } from './reconcile';
import { localReason, lookAgain, lookAtChannels } from './reconcile-look';
import { recordManifest, recordTag } from './reconcile-record';

type Result = Omit<RepairOutcome, 'known'>;

/** The same drift is told once a day, not with every run. */
const KNOWN_FOR_MS = 24 * 3_600_000;
const MAX_EVENTS = 1000;
/** Writers that meet on one tag; more rounds than this mean that somebody keeps writing it. */
const MAX_ROUNDS = 3;

export function repairDrift(
  deps: ReconcileDeps,
  { plans, runStartedAt }: RepairInput,
): Promise<readonly RepairOutcome[]> {
  return heartbeating(async (signal, note) => {
    const recent = await recentEvents(deps);
    const outcomes: RepairOutcome[] = [];
    // One after the other: a repair looks at what the one before it may have changed.
    for (const plan of plans) {
      signal.throwIfAborted();
      note(nameOf(plan.finding));
      const before = recent.filter((event) => isSameEvent(event, plan));
      const known = before.some(({ at }) => at < runStartedAt);
      if (plan.event !== null && before.length === 0) await recordEvent(deps, plan);
      outcomes.push({ ...(await tryRepair(deps, plan)), known });
    }
    return outcomes;
  });
}

async function tryRepair(deps: ReconcileDeps, plan: RepairPlan): Promise<Result> {
  try {
    return await repair(deps, plan);
  } catch (error) {
    return { result: 'failed', note: `It could not be repaired: ${localReason(error)}.` };
  }
}

async function repair(deps: ReconcileDeps, { finding, repair: how }: RepairPlan): Promise<Result> {
  if (how === 'put-back') return putBack(deps, finding);
  const now = await lookAgain(deps, finding);
  if (!now) return { result: 'right', note: 'It is right by now.' };
  const at = deps.now().toISOString();
  switch (now.kind) {
    case 'gone-manifest':
      await deps.inventory.recordManifestDelete(now.repository, now.digest, UNKNOWN_ACTOR, at);
      return { result: 'repaired', note: 'It is recorded as deleted.' };
    case 'gone-tag':
      await deps.inventory.recordTagDelete(now.repository, now.tag, UNKNOWN_ACTOR, at);
      return { result: 'repaired', note: 'It is recorded as deleted.' };
    default:
      return now.found === null
        ? { result: 'right', note: 'It is gone by now.' }
        : recordTag(deps, now.repository, now.tag, now.found);
  }
}

/**
 * The tag follows the record, looked at anew in every round and once more after the write: whoever of two writes
 * last, the tag ends as the record says. A channel with a move under way is left to the move.
 */
async function putBack(deps: ReconcileDeps, finding: Finding): Promise<Result> {
  if (finding.kind === 'gone-manifest') throw new Error('a manifest can not be put back');
  const { repository, tag } = finding;
  let written: Digest | null = null;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const wanted = await wantedDigest(deps, finding);
    if (wanted === null) return { result: 'right', note: 'It is being moved, or empty by now.' };
    const found = await deps.catalog.describe(repository, tag);
    if (found?.digest === wanted) {
      return written === null
        ? { result: 'right', note: 'It is right by now.' }
        : { result: 'repaired', note: `It is put back to ${wanted}.` };
    }
    if (!(await deps.catalog.describe(repository, wanted))) {
      return {
        result: 'impossible',
        note: `It can not be put back: ${wanted} is no longer there. Push it again, or release another version.`,
      };
    }
    // What was pushed there stays as a manifest without a tag: quarantine and clean-up must know it.
    if (found) await recordManifest(deps, { repository, digest: found.digest });
    await deps.catalog.putTag({ repository, digest: wanted }, tag);
    written = wanted;
  }
  return {
    result: 'failed',
    note: 'It was put back and moved again at once: find out who writes it.',
  };
}

/** What the ledger, for a channel, or the record has for the tag; null = leave it. */
async function wantedDigest(deps: ReconcileDeps, finding: Finding): Promise<Digest | null> {
  if (finding.kind === 'gone-manifest') return null;
  const { repository, tag } = finding;
  if (finding.kind !== 'channel') {
    return (await deps.inventory.getTag(repository, tag))?.digest ?? null;
  }
  const looks = await lookAtChannels(deps, repository);
  const look = isChannelTag(tag) ? looks.get(tag) : undefined;
  return look && !look.moving ? look.digest : null;
}

function referenceOf(finding: Finding): string {
  return finding.kind === 'gone-manifest' ? finding.digest : finding.tag;
}

function detailOf(plan: RepairPlan): RegistryEvent['detail'] {
  const { finding } = plan;
  return { what: finding.kind, text: describeFinding(finding), repair: plan.repair };
}

async function recordEvent(deps: ReconcileDeps, plan: RepairPlan): Promise<void> {
  if (plan.event === null) return;
  await deps.inventory.recordEvent({
    kind: plan.event,
    repository: plan.finding.repository,
    reference: referenceOf(plan.finding),
    actor: UNKNOWN_ACTOR,
    at: deps.now().toISOString(),
    detail: detailOf(plan),
  });
}

function isSameEvent(event: RegistryEvent, { finding, event: kind }: RepairPlan): boolean {
  return (
    event.kind === kind &&
    event.repository === finding.repository &&
    event.reference === referenceOf(finding) &&
    event.detail['text'] === describeFinding(finding)
  );
}

async function recentEvents({ inventory, now }: ReconcileDeps): Promise<readonly RegistryEvent[]> {
  const kinds = ['drift', 'around-gateway'] as const;
  const lists = await Promise.all(
    kinds.map((kind) => inventory.listEvents({ kind, limit: MAX_EVENTS })),
  );
  const since = now().getTime() - KNOWN_FOR_MS;
  return lists.flat().filter(({ at }) => Date.parse(at) >= since);
}
