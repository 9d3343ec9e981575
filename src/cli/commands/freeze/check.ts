import type { Command } from 'commander';
import { FreezeCheck } from '../../../contract/schema/api-freeze';
import { describe, type Cli, type JsonOption } from '../../cli';
import { servicePath } from '../../references';
import { formatCheck } from './format-freeze';

/** Refused by a rule, as in the error table. */
const FROZEN_EXIT = 3;

export function addFreezeCheck(parent: Command, cli: Cli): void {
  describe(
    parent.command('check <service>'),
    `Say what is closed for a service now and when it opens; exits with ${FROZEN_EXIT} when anything is`,
    ['reg freeze check checkout', 'reg freeze check checkout --json'],
  ).action(async (service: string, { json }: JsonOption) => {
    const http = await cli.connect();
    const check = await http.get(servicePath(service, 'freeze'), FreezeCheck);
    cli.print(json ?? false, check, (one) => formatCheck(one, cli.paint));
    if (!check.open) cli.exitWith(FROZEN_EXIT);
  });
}
