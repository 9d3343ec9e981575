import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addRobotsCreate } from './create';
import { addRobotsDelete } from './delete';
import { addRobotsDisable } from './disable';
import { addRobotsEnable } from './enable';
import { addRobotsList } from './list';
import { addRobotsRotate } from './rotate';
import { addRobotsShow } from './show';

export function addRobots(parent: Command, cli: Cli): void {
  const group = parent
    .command('robots')
    .description('Who logs in to the registry: pipelines, clusters, tools');
  for (const add of [
    addRobotsList,
    addRobotsCreate,
    addRobotsShow,
    addRobotsRotate,
    addRobotsDisable,
    addRobotsEnable,
    addRobotsDelete,
  ]) {
    add(group, cli);
  }
}
