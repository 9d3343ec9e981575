import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addHoldLane } from '../lane/hold';
import { addHoldAdd } from './add';
import { addHoldExport } from './export';
import { addHoldExtend } from './extend';
import { addHoldList } from './list';
import { addHoldRestore } from './restore';
import { addHoldShow } from './show';
import { addHoldVerify } from './verify';

/** `plura reg hold SERVICE` holds a lane; the named commands are about incident copies. */
export function addHold(parent: Command, cli: Cli): void {
  const group = parent
    .command('hold')
    .description('Hold a lane (hold SERVICE), or a digest where nobody can delete it (hold add)');
  for (const add of [
    addHoldLane,
    addHoldAdd,
    addHoldList,
    addHoldShow,
    addHoldVerify,
    addHoldExport,
    addHoldExtend,
    addHoldRestore,
  ]) {
    add(group, cli);
  }
}
