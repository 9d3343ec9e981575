import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addTagsList } from './list';
import { addTagsShow } from './show';

export function addTags(parent: Command, cli: Cli): void {
  const group = parent.command('tags').description('Tags as the gateway has recorded them');
  addTagsList(group, cli);
  addTagsShow(group, cli);
}
