import type { Command } from 'commander';
import { LiftAnswer } from '../../../contract/schema/api-allow';
import { describe, type Cli, type JsonOption } from '../../cli';
import { requireConsent } from '../../consent';
import { DENIALS } from './path';

interface Options extends JsonOption {
  readonly reason: string;
  readonly yes?: boolean;
}

export function addDenyLift(parent: Command, cli: Cli): void {
  const command = parent
    .command('lift <digest>')
    .requiredOption('--reason <text>', 'why it may run after all; it is recorded')
    .option('--yes', 'do not ask');
  describe(command, 'Let a denied digest run again where something else lets it in', [
    'reg deny lift sha256:… --reason "the data was right after all"',
  ]).action(async (digest: string, { reason, yes, json }: Options) => {
    const http = await cli.connect();
    await requireConsent(cli.context, yes, `Let ${digest} run again?`);
    const query = new URLSearchParams({ reason }).toString();
    const path = `${DENIALS}/${encodeURIComponent(digest)}?${query}`;
    const answer = await http.delete(path, LiftAnswer);
    cli.print(
      json ?? false,
      answer,
      (one) => `${one.digest} may run again where something else lets it in\n`,
    );
  });
}
