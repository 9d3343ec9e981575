import type { Command } from 'commander';
import { describe, type Cli, type JsonOption } from '../../cli';
import { removeSession } from '../../session-file';

export function addLogout(parent: Command, cli: Cli): void {
  describe(parent.command('logout'), 'Forget the token', ['logout']).action(
    async ({ json }: JsonOption) => {
      await removeSession(cli.context.settings.configFile);
      cli.print(json ?? false, { loggedIn: false }, () => 'Logged out\n');
    },
  );
}
