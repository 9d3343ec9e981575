import type { Command } from 'commander';
import { RobotView } from '../../../contract/schema/api-robot';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatRobot } from './format-robot';
import { robotPath } from './robot-path';

export function addRobotsShow(parent: Command, cli: Cli): void {
  describe(parent.command('show <name>'), 'Show one robot', ['reg robots show checkout-ci']).action(
    async (name: string, { json }: JsonOption) => {
      const http = await cli.connect();
      cli.print(json ?? false, await http.get(robotPath(name), RobotView), formatRobot);
    },
  );
}
