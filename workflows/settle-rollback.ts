import { CancellationScope, setCurrentDetails, workflowInfo } from '@temporalio/workflow';
import type { MovedBack, SettleRollbackInput } from '../src/contract/messages';
import type { ChannelDigests } from '../activities/channel';
import {
  clearCandidate,
  followChannel,
  readChannels,
  withdraw,
  type ClearAway,
} from './steps/clear-away';
import { describeFailure } from './steps/failure';
import { createRollbackProxies } from './steps/proxies';
import { rememberRollback } from './steps/remember-rollback';

type Settling = ClearAway & { readonly input: SettleRollbackInput };

/**
 * What a rollback leaves to do once its answer is known: the release it ended is cleared away, and, when the pin moved,
 * log entry and notice. Id `rollback/{svc}/{number}/settle`; no messages. No part stops another; what fails is
 * alerted. A newer writer of the service fences it, which is right.
 */
export async function settleRollbackWorkflow(input: SettleRollbackInput): Promise<void> {
  const { rollback, epoch, moved } = input;
  const proxies = createRollbackProxies(rollback.policy.timeouts);
  const settling: Settling = { input, rollback, proxies, epoch };
  await CancellationScope.nonCancellable(() =>
    Promise.all([clearAway(settling), ...(moved ? [writePapers(settling, moved)] : [])]),
  );
}

async function writePapers(settling: Settling, moved: MovedBack): Promise<void> {
  const { rollback, proxies } = settling;
  await Promise.all([
    moved.remembered
      ? Promise.resolve()
      : attempt(settling, 'bad digest remembered', () =>
          rememberRollback(rollback, proxies.settle, moved),
        ),
    attempt(settling, 'log entry', () => logPin(settling, moved)),
    notify(
      settling,
      rollback.drill ? 'info' : 'warning',
      'rolled back',
      `${moved.from} → ${moved.to}: ${rollback.reason}`,
    ),
  ]);
}

async function clearAway(settling: Settling): Promise<void> {
  const { rollback, moved, trafficMoved } = settling.input;
  let channels: ChannelDigests = {};
  await attempt(settling, 'channels read', async () => {
    channels = await readChannels(settling);
  });
  await Promise.all(
    (['stg', 'prod'] as const).flatMap((env) => [
      attempt(settling, `${env}:candidate cleared`, () => clearCandidate(settling, env, channels)),
      attempt(settling, `${env} traffic`, async () => {
        await withdraw(settling, env);
        const mayDiffer = env === 'stg' || (!moved && !trafficMoved);
        if (rollback.running && mayDiffer) await followChannel(settling, env, channels);
      }),
    ]),
  );
}

async function logPin({ input, proxies }: Settling, { from, to, at }: MovedBack): Promise<void> {
  const { rollback } = input;
  const { svc } = rollback;
  const cause = `rollback/${svc}/${rollback.number}`;
  const entry = await proxies.settle.appendPin.executeWithOptions(
    { summary: 'pin to the transparency log' },
    [
      {
        svc,
        region: rollback.service.region,
        digest: to,
        previous: from,
        cause,
        policyHash: null,
        pinnedAt: at,
        transparencyLog: rollback.policy.signing.transparencyLog,
      },
    ],
  );
  if (!entry) return;
  await proxies.settle.saveLogEntry.executeWithOptions({ summary: `log entry ${entry.index}` }, [
    { svc, cause, ...entry },
  ]);
}

async function attempt(
  settling: Settling,
  title: string,
  work: () => Promise<void>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    const { code, message } = describeFailure(error);
    if (code === 'FENCED') return;
    const stable = settling.input.moved ? 'prod:stable is right; ' : '';
    const text = `${stable}"${title}" failed: ${message}`;
    await notify(settling, 'critical', `rollback not settled: ${title}`, text);
  }
}

async function notify(
  { input, proxies }: Settling,
  severity: 'info' | 'warning' | 'critical',
  title: string,
  text: string,
): Promise<void> {
  const { svc } = input.rollback;
  const id = `${workflowInfo().workflowId}/${title}`;
  try {
    await proxies.settle.notify.executeWithOptions({ summary: title }, [
      { id, severity, title: `${svc}: ${title}`, text, svc },
    ]);
  } catch {
    setCurrentDetails(`**Not delivered**: ${title}. ${text}`);
  }
}
