import { isCancellation } from '@temporalio/workflow';
import type { DrillInput } from '../../src/contract/drill-messages';
import type { CompletenessFault } from '../../src/domain/completeness';
import { shortDigest, type Digest } from '../../src/domain/digest';
import type { DrillStep } from '../../src/domain/drill/report';
import type { DrillProxies } from './drill-proxies';
import { describeFailure } from './failure';

export interface OpenDrill {
  readonly svc: string;
  readonly id: string;
  /** prod:stable when it began. */
  readonly newer: Digest;
  readonly older: Digest;
}

interface Drilled {
  readonly steps: readonly DrillStep[];
  /** On the way. */
  readonly cancelled: boolean;
}

/** Back and forward again, up to the first that does not get through. */
export async function runDrillSteps(
  input: DrillInput,
  proxies: DrillProxies,
  open: OpenDrill,
  show: (details: string) => void,
): Promise<Drilled> {
  const steps: DrillStep[] = [];
  for (let number = 1; number <= 2 * input.settings.rounds; number += 1) {
    try {
      const step = await runStep(input, proxies, open, number);
      steps.push(step);
      show(describeSteps(open, steps));
      if (step.error !== null) break;
    } catch (error) {
      if (!isCancellation(error)) throw error;
      return { steps, cancelled: true };
    }
  }
  return { steps, cancelled: false };
}

/** Throws when it is cancelled; anything else that goes wrong is in the step. */
async function runStep(
  { settings, policy }: DrillInput,
  { quick, writes }: DrillProxies,
  { svc, id, newer, older }: OpenDrill,
  number: number,
): Promise<DrillStep> {
  const direction = number % 2 === 1 ? 'back' : 'forward';
  const [from, to] = direction === 'back' ? [newer, older] : [older, newer];
  let requestedAt = new Date().toISOString();
  let faults: readonly CompletenessFault[] = [];
  const step = { number, direction, from, to } as const;
  try {
    faults = await quick.checkDrillTarget.executeWithOptions(
      { summary: `${number}: ${shortDigest(to)} complete?` },
      [
        {
          svc,
          digest: to,
          transparencyLog: policy.signing.transparencyLog,
          verdictMaxAgeMs: settings.verdictMaxAgeMs,
        },
      ],
    );
    requestedAt = new Date().toISOString();
    const moved = await writes.drillRollback.executeWithOptions(
      { summary: `${number}: ${direction} to ${shortDigest(to)}` },
      [{ svc, id, number, from, to, requestedAt, policy }],
    );
    return { ...step, faults, requestedAt, ...moved };
  } catch (error) {
    if (isCancellation(error)) throw error;
    const { message } = describeFailure(error);
    return { ...step, faults, requestedAt, durationMs: null, error: message };
  }
}

/** Markdown for Temporal Web UI. */
function describeSteps({ svc, id }: OpenDrill, steps: readonly DrillStep[]): string {
  const rows = steps.map(
    ({ number, direction, to, durationMs, faults, error }) =>
      `| ${number} | ${direction} | \`${shortDigest(to)}\` | ${durationMs ?? '-'} | ${faults.length} | ${error ?? ''} |`,
  );
  return [
    `### ${svc}: rollback drill \`${id}\``,
    ['| # | way | to | ms | faults | error |', '|--:|---|---|--:|--:|---|', ...rows].join('\n'),
  ].join('\n\n');
}
