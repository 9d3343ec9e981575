import { sleep } from '@temporalio/workflow';
import type { Digest } from '../../src/domain/digest';
import type { Guardrails, WindowPolicy } from '../../src/domain/policy';
import type { Environment } from '../../src/domain/reference';
import type { Verdict } from '../../src/domain/verdict';
import {
  extendWindow,
  nextWindowStep,
  startWindow,
  type WindowState,
} from '../../src/domain/window';
import { requirePass } from './failure';
import type { ReleaseRun } from './release-run';

export interface WindowPlan {
  readonly gate: 'canary' | 'observation';
  /** Told apart in the verdicts, e.g. `25 %`. */
  readonly subject: string;
  readonly env: Environment;
  readonly digest: Digest;
  readonly policy: WindowPolicy & { readonly guardrails: Guardrails };
  /** ms since the epoch. */
  readonly startedAtMs: number;
}

async function measure(run: ReleaseRun, plan: WindowPlan, toMs: number): Promise<Verdict> {
  const verdict = await run.proxies.quick.measureWindow.executeWithOptions(
    { summary: `${plan.gate} ${plan.subject}: measured and judged` },
    [
      {
        release: run.release,
        gate: plan.gate,
        subject: plan.subject,
        env: plan.env,
        digest: plan.digest,
        from: new Date(plan.startedAtMs).toISOString(),
        to: new Date(toMs).toISOString(),
        windowMs: plan.policy.windowMs,
        guardrails: plan.policy.guardrails,
      },
    ],
  );
  run.progress.record(verdict);
  return verdict;
}

/**
 * Waits through a window and judges it at its checkpoints; throws GATE_FAILED when it does not pass.
 * A window of 0 ms is a policy without one: nothing is measured, and nothing is called a pass.
 */
export async function passWindow(run: ReleaseRun, plan: WindowPlan): Promise<void> {
  if (plan.policy.windowMs === 0) return;
  let state: WindowState = startWindow(plan.startedAtMs);
  let verdict: Verdict | null = null;
  for (;;) {
    const nowMs = Date.now();
    const step = nextWindowStep(plan.policy, state, nowMs);
    switch (step.next) {
      case 'wait':
        await sleep(step.ms, { summary: `${plan.gate} ${plan.subject}` });
        break;
      case 'measure':
        verdict = await measure(run, plan, nowMs);
        state = { ...state, last: { outcome: verdict.outcome, toMs: nowMs } };
        break;
      case 'extend':
        state = extendWindow(state);
        run.progress.note(`${plan.gate} ${plan.subject} could not be judged yet: extended.`);
        break;
      case 'end':
        if (verdict) requirePass(verdict);
        return;
    }
  }
}
