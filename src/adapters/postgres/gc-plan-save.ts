import type { GcPlan, PlanHeader, PlanItem } from '../../domain/gc/plan';
import type { RecordedPlan } from '../../ports/gc-plans';
import { copyLine } from './copy-in';
import { toJsonb, type Sql, type Transaction } from './database';
import { PLAN_COLUMNS, toPlan, type PlanRow } from './gc-plan-rows';

/** Items of one statement: well within its time on a busy machine. */
const CHUNK = 20_000;

function headerOf(plan: GcPlan): PlanHeader {
  const { id, repository, policyHash, madeAt, expiresAt, totals, breaches, ...rest } = plan;
  const { unknown, unknownCount } = rest;
  return {
    ...{ id, repository, policyHash, madeAt, expiresAt, totals, breaches, unknown, unknownCount },
  };
}

const stateOf = ({ breaches }: PlanHeader, approved: boolean): string =>
  breaches.length > 0 && !approved ? 'over-budget' : 'ready';

/** Read back from jsonb the keys stand in another order. */
const breachesOf = ({ breaches }: PlanHeader): string =>
  JSON.stringify(
    breaches.map(({ rule, repository, found, limit }) => [rule, repository, found, limit]),
  );

/** An approval is of what was read: it stays where the same plan still waits and breaches the same. */
function keepsApproval(before: RecordedPlan, plan: PlanHeader): boolean {
  const waits = before.state === 'ready' || before.state === 'over-budget';
  const same = breachesOf(before) === breachesOf(plan);
  return waits && same && before.approval !== null && before.expiresAt > plan.madeAt;
}

async function refresh(sql: Sql, before: RecordedPlan, plan: PlanHeader): Promise<void> {
  const keeps = keepsApproval(before, plan);
  await sql.query(
    `UPDATE gc_plans SET state = $2, header = $3, made_at = $4, expires_at = $5,
       approved_by = CASE WHEN $6 THEN approved_by END,
       approval_reason = CASE WHEN $6 THEN approval_reason END,
       approved_at = CASE WHEN $6 THEN approved_at END,
       run_id = NULL, started_at = NULL, ended_at = NULL, deleted = 0, skipped = 0, failed = 0, freed = 0
     WHERE id = $1`,
    [plan.id, stateOf(plan, keeps), toJsonb(plan), plan.madeAt, plan.expiresAt, keeps],
  );
  await sql.query(
    `UPDATE gc_plan_items SET outcome = NULL, reason = NULL, settled_at = NULL
     WHERE plan = $1 AND outcome IS NOT NULL`,
    [plan.id],
  );
}

function lineOf(id: string, item: PlanItem): string {
  const { ordinal, kind, repository, tag, digest, rule, evidence, bytes } = item;
  return copyLine([id, ordinal, kind, repository, tag, digest, rule, toJsonb(evidence), bytes]);
}

async function insertItems(
  sql: Transaction,
  id: string,
  items: readonly PlanItem[],
): Promise<void> {
  for (let from = 0; from < items.length; from += CHUNK) {
    await sql.copy(
      `COPY gc_plan_items (plan, ordinal, kind, repository, tag, digest, rule, evidence, bytes)
       FROM STDIN`,
      items.slice(from, from + CHUNK).map((item) => lineOf(id, item)),
    );
  }
}

export async function savePlan(sql: Transaction, plan: GcPlan, madeBy: string): Promise<void> {
  const header = headerOf(plan);
  const { id, repository, madeAt, expiresAt } = header;
  // Two of one scope must not both be the newest.
  await sql.query(`SELECT pg_advisory_xact_lock(hashtextextended('gc-plan/' || $1, 0))`, [
    repository ?? '',
  ]);
  await sql.query(
    `UPDATE gc_plans SET state = 'superseded'
     WHERE coalesce(repository, '') = $1 AND id <> $2 AND state IN ('ready', 'over-budget')`,
    [repository ?? '', id],
  );
  const [row] = await sql.query<PlanRow>(
    `SELECT ${PLAN_COLUMNS} FROM gc_plans WHERE id = $1 FOR UPDATE`,
    [id],
  );
  if (row) {
    if (row.state !== 'running') await refresh(sql, toPlan(row), header);
    return;
  }
  await sql.query(
    `INSERT INTO gc_plans (id, repository, state, header, made_by, made_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [id, repository, stateOf(header, false), toJsonb(header), madeBy, madeAt, expiresAt],
  );
  await insertItems(sql, id, plan.items);
}
