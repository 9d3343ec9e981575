import type { MessagePort } from 'node:worker_threads';
import type { GcPlanner, LiveFacts, Planning } from '../../ports/gc-planner';
import type { Answers, FromThread, Job, ToThread } from './thread-messages';
import { hearError, tellError } from '../../contract/told-error';

function work(planner: GcPlanner, job: Job, planning: Planning): Promise<Answers[Job['kind']]> {
  switch (job.kind) {
    case 'plan':
      return planner.plan(job.order, planning);
    case 'explain':
      return planner.explain(job.order, planning);
    case 'diff':
      return planner.diff(job.order, planning);
  }
}

/** Does one job in this thread, and tells the thread that made it. It does not hear of an abort: its maker ends it. */
export async function serveThread(port: MessagePort, planner: GcPlanner, job: Job): Promise<void> {
  const tell = (message: FromThread): void => {
    port.postMessage(message);
  };
  const readLive = (): Promise<LiveFacts> =>
    new Promise((resolve, reject) => {
      port.once('message', (message: ToThread) => {
        if (message.kind === 'live') resolve(message.facts);
        else reject(hearError(message.error));
      });
      tell({ kind: 'ask-live' });
    });
  const note = (text: string): void => {
    tell({ kind: 'note', text });
  };
  try {
    const { signal } = new AbortController();
    tell({ kind: 'done', answer: await work(planner, job, { readLive, signal, note }) });
  } catch (error) {
    tell({ kind: 'failed', error: tellError(error) });
  }
}
