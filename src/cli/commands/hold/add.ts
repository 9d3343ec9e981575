import type { Command } from 'commander';
import { ERRORS } from '../../../contract/errors';
import { WormCopyView } from '../../../contract/schema/api-worm';
import { describe, type Cli, type JsonOption } from '../../cli';
import { requireConsent } from '../../consent';
import { resolveImage } from '../../references';
import { formatCopy } from './format-copy';
import { parseLockUntil } from './lock-until';
import { COPIES } from './path';
import { waitForCopy } from './wait-for-copy';

interface Options extends JsonOption {
  readonly reason: string;
  readonly until: string;
  readonly wait?: boolean;
  readonly yes?: boolean;
}

export function addHoldAdd(parent: Command, cli: Cli): void {
  const command = parent
    .command('add')
    .argument('<image>', 'a digest, with or without its service or repository before the @')
    .requiredOption('--reason <text>', 'why; it is recorded, and stands in the copy')
    .requiredOption(
      '--until <time>',
      'a day or a time; nobody can delete it before',
      parseLockUntil,
    )
    .option('--wait', 'until all of it is copied and read back')
    .option('--yes', 'do not ask');
  describe(
    command,
    'Copy a digest with all that belongs to it to the WORM store, and keep it in the registry',
    [
      'reg hold add checkout@sha256:… --reason "incident 4711" --until 2028-01-31 --wait',
      'reg hold add sha256:… --reason "asked for by the auditors" --until 2033-12-31 --yes',
    ],
  ).action(async (image: string, { json, ...options }: Options) => {
    const http = await cli.connect();
    const { reason, until: lockUntil, wait, yes } = options;
    const what = await resolveImage(http, image);
    const question = `Lock a copy of ${what} until ${lockUntil}? Nobody can undo it.`;
    await requireConsent(cli.context, yes, question);
    const begun = await http.post(COPIES, { image: what, reason, lockUntil }, WormCopyView);
    const copy = wait
      ? await waitForCopy(cli, http, begun.id, ({ state }) => state !== 'copying')
      : begun;
    cli.print(json ?? false, copy, (one) => formatCopy(one, cli.paint) + next(one));
    if (copy.state === 'failed') cli.exitWith(ERRORS.WORM_UNAVAILABLE.exit);
  });
}

function next({ id, state }: WormCopyView): string {
  return state === 'copying' ? `to see how far it is: plura reg hold show ${id}\n` : '';
}
