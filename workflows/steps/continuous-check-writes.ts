import type { CheckRecord, ServiceLook } from '../../src/contract/continuous-check';
import { describeCheckFinding } from '../../src/domain/continuous-check/finding';
import type { CheckOutcome } from '../../src/domain/continuous-check/service-check';
import { shortDigest, type Digest } from '../../src/domain/digest';
import { count, noteFound, type CheckRun } from './continuous-check-run';

interface Recorded extends CheckRecord {
  readonly at: string;
}

export async function record(
  run: CheckRun,
  { svc, digests, findings }: ServiceLook,
  outcome: CheckOutcome,
  note: string,
): Promise<Recorded> {
  if (note !== '') noteFound(run, [`${svc}: ${note}`]);
  const at = new Date().toISOString();
  const recorded = await run.activities.recordCheck.executeWithOptions(
    { summary: `${svc}: ${outcome}` },
    [{ svc, runId: run.id, at, outcome, digests, findings, note: note.slice(0, 1000) }],
  );
  return { ...recorded, at };
}

/** It is not what every run of today says. */
export function isNews({ runs, isNewDay, isNewNote }: CheckRecord): boolean {
  return runs === 1 || isNewDay || isNewNote;
}

export function linesOf({ findings }: ServiceLook): string {
  return findings.slice(0, 5).map(describeCheckFinding).join('\n');
}

export async function block(
  run: CheckRun,
  svc: string,
  digests: readonly Digest[],
  reason: string,
): Promise<void> {
  if (digests.length === 0) return;
  const blocked = await run.activities.blockDigests.executeWithOptions(
    { summary: `${svc}: block ${digests.map(shortDigest).join(', ')}` },
    [{ svc, digests, reason: `continuous check: ${reason}`.slice(0, 500) }],
  );
  count(run, { blocked });
}

export function holdLane(run: CheckRun, svc: string, reason: string): Promise<void> {
  return run.activities.holdLane.executeWithOptions({ summary: `${svc}: hold the lane` }, [
    {
      svc,
      reason: `continuous check: ${reason}`.slice(0, 500),
      requestId: `continuous-check/${svc}/hold/${run.id}`,
    },
  ]);
}
