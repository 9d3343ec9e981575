import Table from 'cli-table3';
import type { Act } from './story';

const PLAIN = { head: [], border: [] };

export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

function elapsed(step: {
  readonly startedAt: string;
  readonly endedAt?: string | undefined;
}): string {
  return step.endedAt === undefined
    ? '-'
    : seconds(Date.parse(step.endedAt) - Date.parse(step.startedAt));
}

/** Every step of every release with the time it really took. */
export function formatTimeline(acts: readonly Act[]): string {
  const table = new Table({
    head: ['release', 'step', 'state', 'took'],
    style: PLAIN,
    colAligns: ['left', 'left', 'left', 'right'],
  });
  for (const { release } of acts) {
    release?.steps.forEach((step, index) => {
      table.push([index === 0 ? release.version : '', step.title, step.state, elapsed(step)]);
    });
  }
  return `${table.toString()}\n`;
}

export function formatActs(acts: readonly Act[]): string {
  const table = new Table({
    head: ['', 'act', 'what happened', 'took'],
    style: PLAIN,
    colAligns: ['left', 'left', 'left', 'right'],
    colWidths: [5, 46, 60, 10],
    wordWrap: true,
  });
  for (const { ok, title, verdict, durationMs } of acts) {
    table.push([ok ? 'ok' : 'NOT', title, verdict, seconds(durationMs)]);
  }
  return `${table.toString()}\n`;
}
