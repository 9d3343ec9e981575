import type { Command } from 'commander';
import { ERRORS } from '../../../contract/errors';
import { DatabaseView, type MirroredView } from '../../../contract/schema/api-database';
import { describe, type Cli, type JsonOption } from '../../cli';
import { scheduleLine } from '../../output/schedule';
import { formatDuration, shortenDigest, type Paint } from '../../output/style';
import { formatTable } from '../../output/table';
import { DATABASES } from './path';

export function addDatabaseShow(parent: Command, cli: Cli): void {
  const { exit } = ERRORS.GATE_FAILED;
  describe(
    parent.command('show'),
    `Show what is scanned with: digest, age, signature, and when the mirror runs next; exits with ${exit} when one is too old`,
    ['reg database show', 'reg database show --json'],
  ).action(async ({ json }: JsonOption) => {
    const http = await cli.connect();
    const view = await http.get(DATABASES, DatabaseView);
    cli.print(json ?? false, view, (one) => format(one, cli.paint));
    if (view.databases.some(({ age }) => age === 'stale')) cli.exitWith(exit);
  });
}

function format(view: DatabaseView, paint: Paint): string {
  const { schedule, running, last, databases, matched, maxAgeMs } = view;
  const report = running?.report ?? last?.report;
  const lines = [
    scheduleLine(schedule, 'release'),
    `scans accept what is younger than ${formatDuration(maxAgeMs)}`,
    matched
      ? `matched   with ${shortenDigest(matched.digest)}, of ${matched.updatedAt}`
      : 'matched   never: the watch of the component index has not run',
    ...(running ? [`running   ${running.workflowId}`] : []),
    ...(last ? [`last      ${last.workflowId}`] : []),
    ...(report?.lines ?? []).map(({ kind, outcome, reason }) =>
      outcome === 'refused' || outcome === 'failed'
        ? `          ${paint.red('✗')} ${kind} ${outcome}: ${reason ?? ''}`
        : `          ${kind} ${outcome}`,
    ),
  ];
  if (databases.length === 0) return `${lines.join('\n')}\nnothing is mirrored\n`;
  const head = ['database', 'digest', 'file', 'of', 'age', 'signed', 'mirrored'];
  return `${lines.join('\n')}\n${formatTable(
    head,
    databases.map((one) => toRow(one, paint)),
  )}`;
}

function toRow(one: MirroredView, paint: Paint): readonly string[] {
  const color = { fresh: paint.green, ageing: paint.yellow, stale: paint.red };
  const signed = one.signed === true ? 'yes' : paint.red('no');
  return [
    one.kind,
    shortenDigest(one.digest),
    shortenDigest(one.fileDigest),
    one.updatedAt,
    color[one.age](`${formatDuration(one.ageMs)} (${one.age})`),
    one.signed === null ? 'not known' : signed,
    one.mirroredAt,
  ];
}
