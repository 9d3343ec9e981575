import type { GcPlan, PlanHeader, PlanItem } from '../../domain/gc/plan';
import { copyLine } from './copy-in';
import { toJsonb, type Transaction } from './database';

/** Items of one statement: well within its time on a busy machine. */
const CHUNK = 20_000;

function headerOf(plan: GcPlan): PlanHeader {
  const { id, repository, policyHash, madeAt, expiresAt, totals, breaches, ...rest } = plan;
  const { unknown, unknownCount } = rest;
  return {
    ...{ id, repository, policyHash, madeAt, expiresAt, totals, breaches, unknown, unknownCount },
  };
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
  const state = header.breaches.length > 0 ? 'over-budget' : 'ready';
  const added = await sql.query(
    `INSERT INTO gc_plans (id, repository, state, header, made_by, made_at, expires_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (id) DO NOTHING RETURNING id`,
    [id, repository, state, toJsonb(header), madeBy, madeAt, expiresAt],
  );
  if (added.length > 0) await insertItems(sql, id, plan.items);
}
