import type { CaseClock, CaseRollup } from '../../src/contract/advisory-messages';
import { describeRebuilt } from '../../src/domain/advisories/case-alert';
import { servicesInProd, type AffectedLook } from '../../src/domain/advisories/case-close';
import { todoOf } from '../../src/domain/advisories/case-todo';
import { recordEvent, tell } from './case-alerts';
import { report, tryStep, type CaseRun } from './case-run';

function orderedOf({ state }: CaseRun): readonly string[] {
  return state.report.rollups.flatMap(({ services }) => services);
}

/** What only a person can do, by this look and what the rollups have come to. */
export function caseTodo(run: CaseRun, look: AffectedLook): readonly string[] {
  const troubled = run.state.report.rollups.flatMap((one) => one.troubled);
  return todoOf({ look, troubled, ordered: orderedOf(run) });
}

/** One for the services that are hit in prod and that none was ordered for. Says what was ordered, as a sentence. */
export async function orderRollup(
  run: CaseRun,
  clock: CaseClock,
  look: AffectedLook,
): Promise<string | null> {
  if (run.input.policy.rollup !== 'automatic') return null;
  const known = orderedOf(run);
  const only = servicesInProd(look).filter((svc) => !known.includes(svc));
  if (only.length === 0) return null;
  const { advisory } = run.input;
  const { rollups } = run.state.report;
  // The clock tells a case from an earlier one of the same advisory.
  const id = `${advisory}-${Date.parse(clock.openedAt)}-${rollups.length + 1}`;
  const started = await tryStep(run, () =>
    run.activities.startEmergencyRollup.executeWithOptions(
      { summary: `rebuild ${only.length} services` },
      [{ id, advisory, only }],
    ),
  );
  if (!started) return null;
  const rollup = { id, services: only, ended: false, released: 0, troubled: [] };
  report(run, { rollups: [...rollups, rollup] });
  const text = `Rollup ${id} rebuilds ${only.slice(0, 20).join(', ')} (${only.length} services).`;
  await recordEvent(run, clock, { kind: 'rollup', what: `rollup/${id}`, text });
  return text;
}

/** Reads how far they are; what has ended and left something to people is told once. */
export async function followRollups(
  run: CaseRun,
  clock: CaseClock,
  look: AffectedLook,
): Promise<void> {
  for (const rollup of run.state.report.rollups) {
    if (!rollup.ended) await followOne(run, clock, rollup, look);
  }
}

async function followOne(
  run: CaseRun,
  clock: CaseClock,
  rollup: CaseRollup,
  look: AffectedLook,
): Promise<void> {
  const { id, services } = rollup;
  const read = await tryStep(run, () =>
    run.activities.readEmergencyRollup.executeWithOptions({ summary: `how far ${id} is` }, [
      { id },
    ]),
  );
  if (!read) return;
  // Gone from Temporal: nobody can tell what became of it, and what is left is for people.
  const progress = read.value ?? { ended: true, released: 0, troubled: [] };
  const changed = { ...rollup, ...progress };
  report(run, {
    rollups: run.state.report.rollups.map((one) => (one.id === id ? changed : one)),
  });
  if (!progress.ended) return;
  const { released, troubled } = progress;
  const text = `Rollup ${id} ended: ${released} of ${services.length} services released.`;
  await recordEvent(run, clock, { kind: 'rollup', what: `rollup/${id}/ended`, text });
  const todo = todoOf({ look, troubled, ordered: services });
  if (troubled.length === 0 || todo.length === 0) return;
  const { advisory } = run.input;
  await tell(run, clock, `rollup/${id}`, describeRebuilt({ advisory }, todo));
}
