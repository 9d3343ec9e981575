import type { Command } from 'commander';
import { RobotView } from '../../../contract/schema/api-robot';
import { describe, type Cli, type JsonOption } from '../../cli';
import { robotPath } from './robot-path';

export function addRobotsEnable(parent: Command, cli: Cli): void {
  describe(
    parent.command('enable <name>'),
    'Let a disabled robot in again, with the secret it had',
    ['reg robots enable checkout-ci'],
  ).action(async (name: string, { json }: JsonOption) => {
    const http = await cli.connect();
    const robot = await http.post(robotPath(name, 'enable'), {}, RobotView);
    cli.print(json ?? false, robot, (one) => `${one.name} is ${one.state}\n`);
  });
}
