import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addCveClose } from './close';
import { addCveExtend } from './extend';
import { addCveNote } from './note';
import { addCveOpen } from './open';
import { addCveTimeline } from './timeline';

/** Verbs about cases, for the group of `cve`. */
export function addCaseVerbs(group: Command, cli: Cli): void {
  for (const add of [addCveOpen, addCveTimeline, addCveNote, addCveExtend, addCveClose]) {
    add(group, cli);
  }
}
