import { Argument, type Command } from 'commander';
import { DecisionTokenAnswer } from '../../../contract/schema/api-release';
import { describe, type Cli, type JsonOption } from '../../cli';
import { releasePath } from '../../references';

export function addToken(parent: Command, cli: Cli): void {
  const command = parent
    .command('token')
    .addArgument(new Argument('<action>', 'what it permits').choices(['approve', 'abort']))
    .argument('<release>', 'which release');
  describe(command, 'Make a single-use token to approve or abort in Temporal Web UI', [
    'reg token approve checkout/1.4.0_3f2a9c1',
  ]).action(async (action: string, release: string, { json }: JsonOption) => {
    const http = await cli.connect();
    const path = releasePath(release, 'decision-token');
    const answer = await http.post(path, { action }, DecisionTokenAnswer);
    cli.print(
      json ?? false,
      answer,
      (one) =>
        `open    ${one.webUiUrl}\nsignal  ${one.signal.name}\ninput   ${one.signal.argument}\nuntil   ${one.expiresAt}\n`,
    );
  });
}
