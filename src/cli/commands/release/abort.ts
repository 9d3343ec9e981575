import type { Command } from 'commander';
import { DecisionAnswer } from '../../../contract/schema/api-release';
import { describe, type Cli, type JsonOption } from '../../cli';
import { requireConsent } from '../../consent';
import { releasePath } from '../../references';

interface Options extends JsonOption {
  readonly reason: string;
  readonly yes?: boolean;
}

export function addAbort(parent: Command, cli: Cli): void {
  const command = parent
    .command('abort <release>')
    .requiredOption('--reason <text>', 'why; it is recorded')
    .option('--yes', 'do not ask');
  describe(command, 'Abort a release, queued or running; what it did is undone', [
    'reg abort checkout/1.4.0_3f2a9c1 --reason "wrong commit"',
  ]).action(async (release: string, { reason, yes, json }: Options) => {
    const path = releasePath(release, 'abort');
    const http = await cli.connect();
    await requireConsent(cli.context, yes, `Abort ${release} and undo what it did?`);
    const answer = await http.post(path, { reason }, DecisionAnswer);
    cli.print(json ?? false, answer, (one) => `${one.message}\n`);
  });
}
