import type { Client } from '@temporalio/client';

type History = Awaited<ReturnType<ReturnType<Client['workflow']['getHandle']>['fetchHistory']>>;
type HistoryEvent = NonNullable<History['events']>[number];

interface Instant {
  readonly seconds?: unknown;
  readonly nanos?: number | null;
}

/** Lateness of a checkpoint: of the server's timer alone, and until its measurement was ordered. */
export interface Lateness {
  readonly firedMs: number;
  readonly actedMs: number;
}

function msOf(time: Instant | null | undefined): number {
  return Number(time?.seconds ?? 0) * 1000 + (time?.nanos ?? 0) / 1e6;
}

/** Each timer that fired and led to a measurement: of a window that is, not the time limit of a release. */
export function latenessOf(history: History): readonly Lateness[] {
  const due = new Map<string, number>();
  const found: Lateness[] = [];
  let fired: { readonly dueMs: number; readonly atMs: number } | null = null;
  for (const event of history.events ?? []) {
    const atMs = msOf(event.eventTime);
    const { timerStartedEventAttributes: started, timerFiredEventAttributes: ended } = event;
    if (started) {
      due.set(started.timerId ?? '', atMs + msOf(started.startToFireTimeout));
    } else if (ended) {
      const dueMs = due.get(ended.timerId ?? '');
      fired = dueMs === undefined ? null : { dueMs, atMs };
    } else if (fired && isMeasurement(event)) {
      found.push({ firedMs: fired.atMs - fired.dueMs, actedMs: atMs - fired.dueMs });
      fired = null;
    }
  }
  return found;
}

function isMeasurement(event: HistoryEvent): boolean {
  const { activityType } = event.activityTaskScheduledEventAttributes ?? {};
  return activityType?.name === 'measureWindow';
}
