import type { GcPlanReport } from '../../src/contract/gc-messages';
import { countsTable } from './report';

const OUTCOMES: Readonly<Record<NonNullable<GcPlanReport['outcome']>, string>> = {
  reported: 'The plan is kept; nothing is deleted by it until somebody runs it.',
  nothing: 'There is nothing to delete.',
  waits: 'The plan waits for a person.',
  started: 'Its run was started.',
  failed: 'It failed.',
};

/** Markdown for Temporal Web UI. */
export function describePlanning(report: GcPlanReport): string {
  const { repository, startedAt, outcome, plan, reason, runWorkflowId } = report;
  return [
    `### Plan of ${repository ?? 'all of the registry'}, ${startedAt}`,
    outcome === null ? 'Being made.' : OUTCOMES[outcome],
    ...(reason === null ? [] : [reason]),
    ...(plan ? [`\`${plan.id}\`, until ${plan.expiresAt}`, countsTable({ ...plan.totals })] : []),
    ...(plan && plan.breaches > 0 ? [`over budget in ${plan.breaches}`] : []),
    ...(plan && plan.unknownCount > 0 ? [`${plan.unknownCount} kept as unknown`] : []),
    ...(runWorkflowId === null ? [] : [`run: \`${runWorkflowId}\``]),
  ].join('\n\n');
}
