import { METRIC_WINDOW_MS } from '../../domain/accounting/policy';
import { PLANS_KEPT } from '../../ports/old-records';

const METRIC_SECONDS = METRIC_WINDOW_MS / 1000;

const IS_SURPLUS = `made.ordinal <= (SELECT ordinal FROM gc_plans ORDER BY ordinal DESC OFFSET ${PLANS_KEPT} LIMIT 1)`;

const NEVER_RAN = `made.started_at IS NULL AND made.expires_at < now()
  AND (made.made_at < $1::timestamptz OR ${IS_SURPLUS})`;

/** Metrics count what was deleted lately, and a reclaim what can still be put back. */
const RAN = `made.ended_at < $1::timestamptz
  OR (made.ended_at < now() - interval '${METRIC_SECONDS} seconds' AND ${IS_SURPLUS})`;
const IS_OVER = `made.id NOT IN (SELECT plan FROM gc_tombstones WHERE state = 'buried')`;

const itemsOf = (which: string): string => `DELETE FROM gc_plan_items WHERE (plan, ordinal) IN (
  SELECT item.plan, item.ordinal FROM gc_plans made JOIN gc_plan_items item ON item.plan = made.id
  WHERE ${which} ORDER BY made.ordinal LIMIT $2)`;

/** $1: from before when, $2: how many at most. */
export const OLD_PLANS = {
  'plan-items': itemsOf(NEVER_RAN),
  'run-items': itemsOf(`(${RAN}) AND ${IS_OVER}`),
  plans: `DELETE FROM gc_plans WHERE id IN (
     SELECT made.id FROM gc_plans made
     WHERE ((${NEVER_RAN}) OR ((${RAN}) AND ${IS_OVER}))
       AND NOT EXISTS (SELECT FROM gc_plan_items item WHERE item.plan = made.id)
       AND made.id IS DISTINCT FROM (
         SELECT id FROM gc_plans WHERE approved_at IS NOT NULL ORDER BY approved_at DESC, ordinal DESC LIMIT 1)
     ORDER BY made.ordinal LIMIT $2)`,
} as const;
