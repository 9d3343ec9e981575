import type { Command } from 'commander';
import { ResumeAnswer } from '../../../contract/schema/api-freeze';
import { describe, type Cli, type JsonOption } from '../../cli';
import { describeStop, scopeOf } from './format-freeze';

interface Options extends JsonOption {
  readonly reason: string;
}

export function addFreezeResume(parent: Command, cli: Cli): void {
  const command = parent
    .command('resume [service]')
    .requiredOption('--reason <text>', 'why; it is recorded');
  describe(
    command,
    'Take back a stop of the line; a stop of all and one of a service are taken back each by itself',
    [
      'reg freeze resume --reason "incident 4711 is over"',
      'reg freeze resume checkout --reason "data repaired"',
    ],
  ).action(async (svc: string | undefined, { reason, json }: Options) => {
    const http = await cli.connect();
    const answer = await http.post('/v1/registry/line/resume', { svc, reason }, ResumeAnswer);
    cli.print(json ?? false, answer, format);
  });
}

function format({ svc, resumed, stops }: ResumeAnswer): string {
  const what = resumed ? 'goes on' : 'was not stopped';
  const still = stops.map((stop) => `${describeStop(stop)}\n`);
  return `The line of ${scopeOf(svc)} ${what}\n${still.join('')}`;
}
