import { ReleaseError } from '../../contract/errors';
import type { Begun, GcPlans, ItemOutcome, PlanGroup, RecordedPlan } from '../../ports/gc-plans';
import { toJsonb, type Database, type Sql } from './database';
import {
  ITEM_COLUMNS,
  PLAN_COLUMNS,
  toItem,
  toPlan,
  type ItemRow,
  type PlanRow,
} from './gc-plan-rows';
import { savePlan } from './gc-plan-save';

async function lockPlan(sql: Sql, id: string): Promise<RecordedPlan | null> {
  const [row] = await sql.query<PlanRow>(
    `SELECT ${PLAN_COLUMNS} FROM gc_plans WHERE id = $1 FOR UPDATE`,
    [id],
  );
  return row ? toPlan(row) : null;
}

const hasExpired = ({ expiresAt }: RecordedPlan, at: string): boolean =>
  Date.parse(expiresAt) <= Date.parse(at);

function refuseApproval(plan: RecordedPlan, at: string): void {
  const { id, state, expiresAt, totals } = plan;
  const waits = state === 'ready' || state === 'over-budget';
  // The first approval lets later plans run: it has to be of one that there was something to read in.
  const isEmpty = totals.deleteTags + totals.deleteManifests === 0;
  if (waits && !isEmpty && !hasExpired(plan, at)) return;
  const closed = isEmpty ? 'deletes nothing' : `expired at ${expiresAt}`;
  const why = waits ? closed : `is ${state}`;
  throw new ReleaseError('INVALID_INPUT', `The plan ${id} ${why} and can't be approved`, {
    details: { field: 'plan', remedy: 'make a new one: plura reg gc --dry-run' },
  });
}

async function approve(
  sql: Sql,
  id: string,
  ...[by, reason, at]: readonly [string, string, string]
): Promise<RecordedPlan | null> {
  const plan = await lockPlan(sql, id);
  if (!plan || plan.approval) return plan;
  refuseApproval(plan, at);
  const [row] = await sql.query<PlanRow>(
    `UPDATE gc_plans SET state = 'ready', approved_by = $2, approval_reason = $3, approved_at = $4
     WHERE id = $1 RETURNING ${PLAN_COLUMNS}`,
    [id, by, reason, at],
  );
  return row ? toPlan(row) : null;
}

const refused = (reason: string): Begun => ({ kind: 'refused', reason });

async function begin(sql: Sql, id: string, runId: string, at: string): Promise<Begun> {
  // Before the row's lock: the turn is the registry's, not the plan's.
  await sql.query(`SELECT pg_advisory_xact_lock(hashtextextended('gc-run', 0))`);
  const plan = await lockPlan(sql, id);
  if (!plan) return refused(`there is no plan ${id}`);
  if (plan.state === 'running' && plan.runId === runId) return { kind: 'same' };
  if (plan.state !== 'ready') return refused(`the plan ${id} is ${plan.state}`);
  if (hasExpired(plan, at)) {
    await sql.query(`UPDATE gc_plans SET state = 'expired' WHERE id = $1`, [id]);
    return refused(`the plan ${id} expired at ${plan.expiresAt}`);
  }
  const [other] = await sql.query<{ readonly id: string }>(
    `SELECT id FROM gc_plans WHERE state = 'running'`,
  );
  if (other) return refused(`the plan ${other.id} runs`);
  await sql.query(
    `UPDATE gc_plans SET state = 'running', run_id = $2, started_at = $3 WHERE id = $1`,
    [id, runId, at],
  );
  return { kind: 'begun' };
}

async function settle(sql: Sql, id: string, outcomes: readonly ItemOutcome[]): Promise<void> {
  await sql.query(
    `WITH told AS (
       SELECT * FROM json_to_recordset($2::json)
         AS one (ordinal integer, outcome text, reason text, at timestamptz)
     ),
     settled AS (
       UPDATE gc_plan_items item
       SET outcome = told.outcome, reason = told.reason, settled_at = told.at FROM told
       WHERE item.plan = $1 AND item.ordinal = told.ordinal AND item.outcome IS NULL
       RETURNING item.outcome, item.bytes
     ),
     counts AS (
       SELECT count(*) FILTER (WHERE outcome = 'deleted') AS deleted,
         count(*) FILTER (WHERE outcome = 'skipped') AS skipped,
         count(*) FILTER (WHERE outcome = 'failed') AS failed,
         coalesce(sum(bytes) FILTER (WHERE outcome = 'deleted'), 0) AS freed
       FROM settled
     )
     UPDATE gc_plans plan SET deleted = plan.deleted + counts.deleted,
       skipped = plan.skipped + counts.skipped, failed = plan.failed + counts.failed,
       freed = plan.freed + counts.freed
     FROM counts WHERE plan.id = $1`,
    [id, toJsonb(outcomes)],
  );
}

export function createPostgresGcPlans(db: Database): GcPlans {
  return {
    savePlan: async (plan, madeBy) => db.transaction(async (sql) => savePlan(sql, plan, madeBy)),
    getPlan: async (id) => {
      const [row] = await db.query<PlanRow>(`SELECT ${PLAN_COLUMNS} FROM gc_plans WHERE id = $1`, [
        id,
      ]);
      return row ? toPlan(row) : null;
    },
    listPlans: async ({ repository = null, limit }) => {
      const rows = await db.query<PlanRow>(
        `SELECT ${PLAN_COLUMNS} FROM gc_plans
         WHERE ($1::text IS NULL OR repository = $1) ORDER BY made_at DESC, ordinal DESC LIMIT $2`,
        [repository, limit],
      );
      return rows.map(toPlan);
    },
    listItems: async (id, { from, limit, open = false }) => {
      const rows = await db.query<ItemRow>(
        `SELECT ${ITEM_COLUMNS} FROM gc_plan_items
         WHERE plan = $1 AND ordinal >= $2 ${open ? 'AND outcome IS NULL' : ''}
         ORDER BY ordinal LIMIT $3`,
        [id, from, limit],
      );
      return rows.map(toItem);
    },
    groupItems: async (id, limit) => {
      const rows = await db.query<PlanGroup & { readonly sum: string }>(
        `SELECT repository, rule, count(*) FILTER (WHERE kind = 'tag')::integer AS tags,
           count(*) FILTER (WHERE kind = 'manifest')::integer AS manifests, sum(bytes)::bigint AS sum
         FROM gc_plan_items WHERE plan = $1 GROUP BY repository, rule
         ORDER BY sum(bytes) DESC, repository, rule LIMIT $2`,
        [id, limit],
      );
      return rows.map(({ sum, repository, rule, tags, manifests }) => {
        const bytes = Number(sum);
        return { repository, rule, tags, manifests, bytes };
      });
    },
    approvePlan: async (id, by, reason, at) =>
      db.transaction(async (sql) => approve(sql, id, by, reason, at)),
    wasAnyApproved: async () => {
      const rows = await db.query('SELECT 1 FROM gc_plans WHERE approved_at IS NOT NULL LIMIT 1');
      return rows.length > 0;
    },
    beginPlan: async (id, runId, at) => db.transaction(async (sql) => begin(sql, id, runId, at)),
    settleItems: async (id, outcomes) => {
      await db.transaction(async (sql) => settle(sql, id, outcomes));
    },
    endPlan: async (id, state, at) => {
      await db.query(
        `UPDATE gc_plans SET state = $2, ended_at = $3 WHERE id = $1 AND state = 'running'`,
        [id, state, at],
      );
    },
  };
}
