import type { ActivityInterfaceFor } from '@temporalio/workflow';
import type { Activities } from '../../activities';
import type { DatabaseMirrorLine } from '../../src/contract/database-messages';
import { attempt } from './attempt';

interface DatabaseAlarm {
  readonly what: string;
  readonly severity: 'critical' | 'warning';
  readonly title: string;
  readonly text: string;
}

function ageAlarm({ kind, age, updatedAt, reason }: DatabaseMirrorLine): DatabaseAlarm | null {
  const why = reason === null ? 'Its source has none that is newer.' : reason;
  if (age === 'ageing') {
    const title = `The database "${kind}" grows old`;
    const text = `It is of ${updatedAt ?? ''}, more than half of the time that scans accept. ${why}`;
    return { what: 'ageing', severity: 'warning', title, text };
  }
  if (age === 'fresh') return null;
  const title = `The database "${kind}" is too old`;
  const what = updatedAt === null ? 'There is none.' : `It is of ${updatedAt}.`;
  const text = `${what} Nothing can be scanned with it, so nothing is released. ${why}`;
  return { what: 'stale', severity: 'critical', title, text };
}

function refusalAlarm({ kind, outcome, reason }: DatabaseMirrorLine): DatabaseAlarm | null {
  if (outcome !== 'refused') return null;
  const title = `The source's database "${kind}" is refused`;
  const text = `${reason ?? ''} What we have stays in use. Look at the source of the mirror.`;
  return { what: 'refused', severity: 'critical', title, text };
}

/** What lasts is told once a day (UTC): receivers drop what has the id of an alarm that they had. */
export async function alarmOfDatabase(
  activities: ActivityInterfaceFor<Activities>,
  line: DatabaseMirrorLine,
  startedAt: string,
): Promise<void> {
  const alarms = [refusalAlarm(line), ageAlarm(line)].filter((alarm) => alarm !== null);
  for (const { what, ...alarm } of alarms) {
    const id = `database-mirror/${startedAt.slice(0, 10)}/${line.kind}/${what}`;
    // What is not delivered is told by the next run.
    await attempt(() =>
      activities.notify.executeWithOptions({ summary: alarm.title }, [{ id, ...alarm, svc: '' }]),
    );
  }
}
