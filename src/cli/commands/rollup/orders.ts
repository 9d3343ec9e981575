import type { Command } from 'commander';
import { RollupView } from '../../../contract/schema/api-rollup';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatRollup } from './format-rollup';
import { rollupPath } from './path';
import { rollupNamed } from './status';

interface Options extends JsonOption {
  readonly reason: string;
}

const ORDERS = {
  pause: 'Start no more rebuilds; those under way go on',
  resume: 'Go on with a paused rollup',
  cancel: 'Hold what has not been started yet; rebuilds under way go on',
} as const;

export function addRollupOrders(parent: Command, cli: Cli): void {
  for (const order of ['pause', 'resume', 'cancel'] as const) {
    const command = parent
      .command(order)
      .argument('[rollup]', 'without it the newest that is under way')
      .requiredOption('--reason <text>', 'why; it is recorded');
    describe(command, ORDERS[order], [`reg rollup ${order} --reason "an incident"`]).action(
      async (given: string | undefined, { reason, json }: Options) => {
        const http = await cli.connect();
        const path = rollupPath(await rollupNamed(http, given, true), order);
        const rollup = await http.post(path, { reason }, RollupView);
        cli.print(json ?? false, rollup, (one) => formatRollup(one, cli.paint));
      },
    );
  }
}
