import type { ScheduleView } from '../../contract/schema/api-schedule';

/** One line: when it runs next. `worker` makes it. */
export function scheduleLine(schedule: ScheduleView | null, worker: 'release' | 'control'): string {
  if (!schedule) return `schedule  none yet: the ${worker} worker makes it`;
  const note = schedule.note === null || schedule.note === '' ? '' : `, ${schedule.note}`;
  if (schedule.paused) return `schedule  paused${note}`;
  return `schedule  next at ${schedule.nextAt ?? '-'}${note}`;
}
