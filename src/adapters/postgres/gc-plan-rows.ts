import { parseDigest } from '../../domain/digest';
import type { Evidence, GcRule, PlanHeader, PlanItem } from '../../domain/gc/plan';
import type { ItemOutcome, PlanState, RecordedItem, RecordedPlan } from '../../ports/gc-plans';
import { toTime } from './registry-rows';

export interface PlanRow {
  readonly id: string;
  readonly state: PlanState;
  readonly header: PlanHeader;
  readonly made_by: string;
  readonly approved_by: string | null;
  readonly approval_reason: string | null;
  readonly approved_at: Date | null;
  readonly run_id: string | null;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly deleted: number;
  readonly skipped: number;
  readonly failed: number;
  /** A bigint, as pg gives it. */
  readonly freed: string;
}

export const PLAN_COLUMNS = `id, state, header, made_by, approved_by, approval_reason, approved_at,
  run_id, started_at, ended_at, deleted, skipped, failed, freed`;

function toApproval(row: PlanRow): RecordedPlan['approval'] {
  const { approved_by: by, approval_reason: reason, approved_at: at } = row;
  return by === null || reason === null || at === null
    ? null
    : { by, reason, at: at.toISOString() };
}

export function toPlan(row: PlanRow): RecordedPlan {
  const { header, state, deleted, skipped, failed } = row;
  return {
    ...header,
    state,
    madeBy: row.made_by,
    approval: toApproval(row),
    runId: row.run_id,
    startedAt: toTime(row.started_at),
    endedAt: toTime(row.ended_at),
    settled: { deleted, skipped, failed, bytes: Number(row.freed) },
  };
}

export interface ItemRow {
  readonly ordinal: number;
  readonly kind: PlanItem['kind'];
  readonly repository: string;
  readonly tag: string | null;
  readonly digest: string;
  readonly rule: GcRule;
  readonly evidence: Evidence;
  readonly bytes: string;
  readonly outcome: ItemOutcome['outcome'] | null;
  readonly reason: string | null;
  readonly settled_at: Date | null;
}

export const ITEM_COLUMNS =
  'ordinal, kind, repository, tag, digest, rule, evidence, bytes, outcome, reason, settled_at';

export function toItem(row: ItemRow): RecordedItem {
  const { ordinal, kind, repository, tag, rule, evidence, outcome, reason } = row;
  const at = toTime(row.settled_at);
  return {
    ordinal,
    kind,
    repository,
    tag,
    digest: parseDigest(row.digest),
    rule,
    evidence,
    bytes: Number(row.bytes),
    outcome: outcome === null || at === null ? null : { ordinal, outcome, reason, at },
  };
}
