import type { Command } from 'commander';
import type { Cli } from '../../cli';
import { addExceptionApprove } from './approve';
import { addExceptionList } from './list';
import { addExceptionRequest } from './request';
import { addExceptionRevoke } from './revoke';
import { addExceptionShow } from './show';

const COMMANDS = [
  addExceptionRequest,
  addExceptionApprove,
  addExceptionRevoke,
  addExceptionList,
  addExceptionShow,
];

export function addException(parent: Command, cli: Cli): void {
  const group = parent
    .command('exception')
    .description('Vulnerabilities that are let pass for a time, by two people');
  for (const add of COMMANDS) add(group, cli);
}
