import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addVerdictReplay } from './replay';
import { addVerdictShow } from './show';
import { addVerdictWhatIf } from './what-if';

export function addVerdict(parent: Command, cli: Cli): void {
  const group = parent.command('verdict').description('Answers of gates, and what they rest on');
  for (const add of [addVerdictShow, addVerdictReplay, addVerdictWhatIf]) add(group, cli);
}
