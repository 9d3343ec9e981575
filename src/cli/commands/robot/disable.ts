import type { Command } from 'commander';
import { RobotView } from '../../../contract/schema/api-robot';
import { describe, type Cli, type JsonOption } from '../../cli';
import { robotPath } from './robot-path';

interface Options extends JsonOption {
  readonly reason?: string;
}

export function addRobotsDisable(parent: Command, cli: Cli): void {
  const command = parent.command('disable <name>').option('--reason <text>', 'why; it is recorded');
  describe(command, 'Refuse a robot and its tokens at once, until it is enabled again', [
    'reg robots disable checkout-ci --reason "its secret was in a log"',
  ]).action(async (name: string, { reason, json }: Options) => {
    const http = await cli.connect();
    const body = reason === undefined ? {} : { reason };
    const robot = await http.post(robotPath(name, 'disable'), body, RobotView);
    cli.print(json ?? false, robot, (one) => `${one.name} is disabled\n`);
  });
}
