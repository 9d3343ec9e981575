import type { Command } from 'commander';
import { RobotList } from '../../../contract/schema/api-robot';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatRobots } from './format-robot';
import { ROBOTS } from './robot-path';

export function addRobotsList(parent: Command, cli: Cli): void {
  describe(parent.command('list'), 'List robots, their scopes and when they were last used', [
    'reg robots list',
  ]).action(async ({ json }: JsonOption) => {
    const http = await cli.connect();
    const list = await http.get(ROBOTS, RobotList);
    cli.print(json ?? false, list, ({ robots }) => formatRobots(robots));
  });
}
