import { describeFailure } from './failure';
import type { ReleaseRun } from './release-run';

interface Alert {
  /** Within the release. */
  readonly id: string;
  readonly title: string;
  readonly text: string;
}

/** Tells people; that it could not be delivered is shown, and stops nothing. */
export async function alertPeople(run: ReleaseRun, { id, title, text }: Alert): Promise<void> {
  const { releaseId, service, epoch } = run.input;
  try {
    await run.proxies.quick.notify.executeWithOptions({ summary: `alert: ${title}` }, [
      {
        id: `${id}/${releaseId}/${epoch}`,
        severity: 'warning',
        title: `${service.svc}: ${title}`,
        text,
        svc: service.svc,
        releaseId,
      },
    ]);
  } catch (error) {
    run.progress.note(
      `The alert about "${title}" was not delivered: ${describeFailure(error).message}`,
    );
  }
}
