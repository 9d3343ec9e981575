import type { GcAnswer, GcAskInput, GcPlanInput } from '../../../src/contract/gc-messages';
import type { GcRunInput } from '../../../src/contract/gc-run-messages';
import type { GcCalls, GcPlanningState } from '../../../src/orchestrator/gc-calls';
import type { ScheduleState } from '../../../src/orchestrator/scheduled-runs';

export interface FakeCollector {
  readonly gc: GcCalls;
  readonly collected: {
    readonly planned: GcPlanInput[];
    readonly runs: GcRunInput[];
    readonly asked: GcAskInput[];
    /** What it says; replaced by tests. */
    planning: GcPlanningState | null;
    answer: GcAnswer;
    schedule: ScheduleState;
  };
}

const NOTHING = { tags: 0, manifests: 0, bytes: 0, flips: [] } as const;

/** Takes orders and starts nothing. A plan that is under way, or ran, is not started again. */
export function createFakeCollector(): FakeCollector {
  const collected: FakeCollector['collected'] = {
    planned: [],
    runs: [],
    asked: [],
    planning: null,
    answer: { kind: 'diff', diff: { deletes: NOTHING, keeps: NOTHING } },
    schedule: { schedule: null, running: null, last: null },
  };
  return {
    collected,
    gc: {
      schedule: { state: () => Promise.resolve(collected.schedule) },
      plan: (input) => {
        const running = collected.planning?.running === true ? collected.planning.workflowId : null;
        if (running === null) collected.planned.push(input);
        return Promise.resolve({ started: running === null, running });
      },
      planning: () => Promise.resolve(collected.planning),
      run: (input) => {
        const isNew = !collected.runs.some(({ planId }) => planId === input.planId);
        if (isNew) collected.runs.push(input);
        return Promise.resolve({
          started: isNew,
          running: isNew ? null : `gc-run/${input.planId}`,
        });
      },
      ask: (input) => {
        collected.asked.push(input);
        return Promise.resolve(collected.answer);
      },
    },
  };
}
