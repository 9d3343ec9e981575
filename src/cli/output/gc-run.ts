import type {
  GcRestoreView,
  GcRunView,
  ReclaimList,
  ReclaimView,
  TombstoneView,
} from '../../contract/schema/api-gc-run';
import { formatTable } from './table';

function stateOf({ outcome, paused }: GcRunView): string {
  return outcome ?? (paused ? 'paused' : 'under way');
}

export function formatGcRun(run: GcRunView): string {
  const { planId, startedAt, endedAt, reason, counts, items, next } = run;
  const { deleted, skipped, failed, bytes } = counts;
  const kept = Object.entries(run.skips).map(([rule, count]) => `  kept: ${count} ${rule}\n`);
  return [
    `${planId} is ${stateOf(run)}, item ${next} of ${items}\n`,
    `  since ${startedAt}${endedAt === null ? '' : ` until ${endedAt}`}\n`,
    reason === null ? '' : `  ${reason}\n`,
    run.reclaim === undefined ? '' : `  ${run.reclaim}\n`,
    `  ${deleted} deleted (${bytes} bytes by the plan), ${skipped} kept after all, ${failed} failed\n`,
    ...kept,
    ...run.errors.map((error) => `  failed: ${error}\n`),
  ].join('');
}

export function formatRestore({ repository, restored, tags, tagsTaken }: GcRestoreView): string {
  return [
    ...restored.map((digest) => `Put back ${repository}@${digest}\n`),
    ...tags.map((tag) => `  ${repository}:${tag} points at it again\n`),
    ...tagsTaken.map((tag) => `  ${repository}:${tag} points at something else by now\n`),
  ].join('');
}

export function formatTombstones(tombstones: readonly TombstoneView[]): string {
  return formatTable(
    ['repository', 'digest', 'tags', 'deleted', 'state', 'plan'],
    tombstones.map(({ repository, digest, tags, deletedAt, state, planId }) => [
      repository,
      digest,
      tags.join(' ') || '-',
      deletedAt,
      state,
      planId,
    ]),
  );
}

function freedOf({ beforeBytes, afterBytes }: ReclaimView): string {
  return beforeBytes === null || afterBytes === null ? '-' : String(beforeBytes - afterBytes);
}

export function formatReclaims({ running, reclaims }: ReclaimList): string {
  const table = formatTable(
    ['started', 'state', 'planned', 'freed', 'blobs', 'pushes closed', 'open again', 'why'],
    reclaims.map((one) => [
      one.startedAt,
      one.state,
      String(one.plannedBytes),
      freedOf(one),
      one.blobs === null ? '-' : String(one.blobs),
      one.closedAt ?? '-',
      one.openedAt ?? '-',
      one.reason ?? '-',
    ]),
  );
  return `${running ? 'A reclaim is under way: pushes are closed until it ends\n' : ''}${table}`;
}
