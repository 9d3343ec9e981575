import { CancellationScope } from '@temporalio/workflow';
import { judgeCompensationError } from '../../src/domain/compensation';
import { describeFailure } from './failure';
import { nowIso, type Progress } from './progress';
import type { Proxies } from './proxies';

export interface CompensationOptions {
  /** False for a release that started before traffic went first, and nothing waited for an alert. */
  readonly byPlan: boolean;
}

/** A note for people when there was nothing to take back, else nothing. */
type Undo = () => Promise<string | undefined>;

export interface Compensations {
  /** Registered before its step: a step may take effect and still fail. `undo` re-reads, so doing it for nothing is harmless. */
  add(title: string, undo: Undo): void;
  /** The same for what moves traffic: it goes back before anything else does, which may wait for a registry that is down. */
  addTraffic(title: string, undo: Undo): void;
  /** The pin is complete: from here on only a rollback undoes the release. */
  clear(): void;
  /** All in reverse, none skipped because another failed; what failed is recorded and alerted. */
  run(reason: string): Promise<void>;
}

export function createCompensations(
  progress: Progress,
  proxies: Proxies,
  { byPlan }: CompensationOptions,
): Compensations {
  const alerts: Promise<void>[] = [];
  const undos: { title: string; undo: Undo; first: boolean }[] = [];

  async function runOne(title: string, undo: Undo): Promise<void> {
    progress.start('compensation', title);
    try {
      progress.end(title, 'compensated', await undo());
    } catch (error) {
      const { code, message } = describeFailure(error);
      if (judgeCompensationError(code) === 'noted') {
        progress.end(title, 'compensated', 'a newer writer owns the service and has set it right');
        return;
      }
      progress.end(title, 'compensation-failed', message);
      const alerted = alert(title, message);
      alerts.push(alerted);
      if (!byPlan) await alerted;
    }
  }

  async function alert(title: string, message: string): Promise<void> {
    const { releaseId, svc } = progress.status();
    try {
      await proxies.quick.notify.executeWithOptions({ summary: `alert: ${title}` }, [
        {
          id: `compensation/${releaseId}/${title}/${nowIso()}`,
          severity: 'critical',
          title: `${svc}: could not take back "${title}"`,
          text: `${message}. The release has ended; this needs a person.`,
          svc,
          releaseId,
        },
      ]);
    } catch (error) {
      progress.note(
        `The alert about "${title}" was not delivered: ${describeFailure(error).message}`,
      );
    }
  }

  return {
    add: (title, undo) => {
      undos.push({ title, undo, first: false });
    },
    addTraffic: (title, undo) => {
      undos.push({ title, undo, first: byPlan });
    },
    clear: () => {
      undos.length = 0;
    },
    run: (reason) =>
      CancellationScope.nonCancellable(async () => {
        if (undos.length > 0) progress.note(`Taking back: ${reason}`);
        const all = undos.splice(0).reverse();
        const inOrder = [...all.filter(({ first }) => first), ...all.filter(({ first }) => !first)];
        for (const { title, undo } of inOrder) await runOne(title, undo);
        await Promise.all(alerts);
      }),
  };
}
