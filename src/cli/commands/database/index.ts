import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addDatabaseMirror } from './mirror';
import { addDatabaseShow } from './show';

export function addDatabase(parent: Command, cli: Cli): void {
  const group = parent.command('database').description('What the scanner goes by');
  for (const add of [addDatabaseShow, addDatabaseMirror]) add(group, cli);
}
