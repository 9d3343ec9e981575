import type { Command } from 'commander';
import { HoldView } from '../../../contract/schema/api-allow';
import { describe, type Cli, type JsonOption } from '../../cli';
import { requireConsent } from '../../consent';
import { HOLDS } from './path';

interface Options extends JsonOption {
  readonly reason: string;
  readonly yes?: boolean;
}

export function addKeepRelease(parent: Command, cli: Cli): void {
  const command = parent
    .command('release <id>')
    .requiredOption('--reason <text>', 'why it need not be kept any more; it is recorded')
    .option('--yes', 'do not ask');
  describe(command, 'End a hold; others of the same digest stay', [
    'reg keep release 0123456789abcdef --reason "incident 4711 is closed"',
  ]).action(async (id: string, { reason, yes, json }: Options) => {
    const http = await cli.connect();
    await requireConsent(cli.context, yes, `Release the hold ${id}?`);
    const query = new URLSearchParams({ reason }).toString();
    const hold = await http.delete(`${HOLDS}/${encodeURIComponent(id)}?${query}`, HoldView);
    cli.print(json ?? false, hold, (one) => `${one.digest} is kept by ${one.id} no more\n`);
  });
}
