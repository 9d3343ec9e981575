import type { Client } from '@temporalio/client';
import { RECONCILE_ID } from '../contract/ids';
import { MESSAGES, type ReconcileOverview, type ReconcileReport } from '../contract/messages';
import { createScheduleRuns, type ScheduleRuns } from './schedule-runs';

/** The reconcile of the registry, as its Schedule runs it. */
export interface Reconcile extends Pick<ScheduleRuns, 'run'> {
  overview(): Promise<ReconcileOverview>;
}

export function createReconcile(client: Client, deadlineMs: number): Reconcile {
  const runs = createScheduleRuns(client, deadlineMs, RECONCILE_ID);

  /** Null when nobody answers in time, or there is no report: it was stopped, failed, or is no longer kept by Temporal. */
  async function read(call: () => Promise<ReconcileReport>): Promise<ReconcileReport | null> {
    try {
      return await client.withDeadline(Date.now() + deadlineMs, call);
    } catch {
      return null;
    }
  }

  const handleOf = (workflowId: string): ReturnType<Client['workflow']['getHandle']> =>
    client.workflow.getHandle(workflowId);

  return {
    run: () => runs.run(),
    overview: async () => {
      const { schedule, running, last } = await runs.state();
      return {
        schedule,
        running:
          running === null
            ? null
            : {
                workflowId: running,
                report: await read(() =>
                  handleOf(running).query<ReconcileReport>(MESSAGES.getReconcile),
                ),
              },
        last:
          last === null
            ? null
            : {
                workflowId: last,
                report: await read(() => handleOf(last).result() as Promise<ReconcileReport>),
              },
      };
    },
  };
}
