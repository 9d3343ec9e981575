import { Worker } from 'node:worker_threads';
import { failureReason } from '../../contract/error-reason';
import { ReleaseError } from '../../contract/errors';
import { createTurns } from '../../contract/turns';
import type { GcPlanner, Planning } from '../../ports/gc-planner';
import type { Answers, FromThread, Job, ThreadData, ToThread } from './thread-messages';
import { hearError, tellError } from '../../contract/told-error';

export interface ThreadOptions {
  /** Absolute path of the thread's entry point, which serves its `ThreadData`. */
  readonly entry: string;
  readonly connection: string;
  /** MB the thread may take; beyond it the plan fails, and not this process. */
  readonly maxHeapMb?: number;
  /** Node's own arguments; default those of this process. */
  readonly execArgv?: readonly string[];
}

const MAX_HEAP_MB = 2048;

async function answerLive(worker: Worker, { readLive }: Planning): Promise<void> {
  const answer: ToThread = await readLive().then(
    (facts) => ({ kind: 'live', facts }),
    (error: unknown) => ({ kind: 'no-live', error: tellError(error) }),
  );
  worker.postMessage(answer);
}

function listen(worker: Worker, planning: Planning): Promise<Answers[Job['kind']]> {
  return new Promise((resolve, reject) => {
    worker.on('message', (message: FromThread) => {
      if (message.kind === 'note') planning.note(message.text);
      else if (message.kind === 'ask-live') void answerLive(worker, planning);
      else if (message.kind === 'done') resolve(message.answer);
      else reject(hearError(message.error));
    });
    worker.on('error', (cause: unknown) => {
      const why = failureReason(cause);
      reject(new ReleaseError('INTERNAL', `The planner failed: ${why}`, { cause }));
    });
    worker.on('exit', (code) => {
      reject(new ReleaseError('INTERNAL', `The planner ended with code ${code} and no answer`));
    });
    planning.signal.addEventListener('abort', () => {
      reject(planning.signal.reason as Error);
    });
  });
}

async function run<Kind extends Job['kind']>(
  { entry, connection, maxHeapMb = MAX_HEAP_MB, execArgv }: ThreadOptions,
  job: Job & { readonly kind: Kind },
  planning: Planning,
): Promise<Answers[Kind]> {
  planning.signal.throwIfAborted();
  const workerData: ThreadData = { job, connection };
  const worker = new Worker(entry, {
    workerData,
    ...(execArgv && { execArgv: [...execArgv] }),
    resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
  });
  try {
    return (await listen(worker, planning)) as Answers[Kind];
  } finally {
    await worker.terminate();
  }
}

/**
 * Plans in a thread of its own, one a job: the graph of a million manifests takes seconds of pure computing, in which the worker would
 * answer no heartbeat, and hundreds of MB, which go with the thread. One job at a time, since several would take as much each.
 */
export function createThreadPlanner(options: ThreadOptions): GcPlanner {
  const inTurn = createTurns(1);
  return {
    plan: (order, planning) => inTurn(() => run(options, { kind: 'plan', order }, planning)),
    explain: (order, planning) => inTurn(() => run(options, { kind: 'explain', order }, planning)),
    diff: (order, planning) => inTurn(() => run(options, { kind: 'diff', order }, planning)),
  };
}
