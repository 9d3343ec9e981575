import type { Command } from 'commander';
import { ERRORS } from '../../../contract/errors';
import { WormCopyView, WormRunAnswer } from '../../../contract/schema/api-worm';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatCopy } from './format-copy';
import { copyPath } from './path';
import { waitForCopy } from './wait-for-copy';

export function addHoldVerify(parent: Command, cli: Cli): void {
  describe(
    parent.command('verify <id>'),
    'Read an incident copy back, all of it, and compare hashes and locks; exits 8 when it is damaged',
    ['reg hold verify 0123456789abcdef'],
  ).action(async (id: string, { json }: JsonOption) => {
    const http = await cli.connect();
    const before = await http.get(copyPath(id), WormCopyView);
    await http.post(copyPath(id, 'verify'), {}, WormRunAnswer);
    const isDone = ({ verifiedAt }: WormCopyView): boolean => verifiedAt !== before.verifiedAt;
    const copy = await waitForCopy(cli, http, id, isDone);
    cli.print(json ?? false, copy, (one) => formatCopy(one, cli.paint));
    if (copy.state === 'damaged') cli.exitWith(ERRORS.WORM_CORRUPT.exit);
  });
}
