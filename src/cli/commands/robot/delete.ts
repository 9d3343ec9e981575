import type { Command } from 'commander';
import { DeleteRobotAnswer } from '../../../contract/schema/api-robot';
import { describe, type Cli, type JsonOption } from '../../cli';
import { requireConsent } from '../../consent';
import { robotPath } from './robot-path';

interface Options extends JsonOption {
  readonly yes?: boolean;
}

export function addRobotsDelete(parent: Command, cli: Cli): void {
  const command = parent.command('delete <name>').option('--yes', 'do not ask');
  describe(command, 'Remove a robot for good', ['reg robots delete checkout-ci --yes']).action(
    async (name: string, { yes, json }: Options) => {
      const http = await cli.connect();
      await requireConsent(cli.context, yes, `Remove the robot ${name} for good?`);
      const answer = await http.delete(robotPath(name), DeleteRobotAnswer);
      cli.print(json ?? false, answer, (one) => `${one.name} is gone\n`);
    },
  );
}
