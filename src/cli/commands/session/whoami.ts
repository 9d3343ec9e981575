import type { Command } from 'commander';
import { WhoAmI } from '../../../contract/schema/api-session';
import { describe, type Cli, type JsonOption } from '../../cli';

export function addWhoAmI(parent: Command, cli: Cli): void {
  describe(parent.command('whoami'), 'Who the token speaks for', ['whoami']).action(
    async ({ json }: JsonOption) => {
      const http = await cli.connect();
      const actor = await http.get('/v1/whoami', WhoAmI);
      cli.print(
        json ?? false,
        actor,
        (one) => `${one.subject}: ${one.roles.join(', ') || 'no roles'}\n`,
      );
    },
  );
}
