import type { Command } from 'commander';
import { RollbackTargetList } from '../../../contract/schema/api-drill';
import { describe, type Cli, type JsonOption } from '../../cli';
import { shortenDigest } from '../../output/style';
import { formatTable } from '../../output/table';

export function addDrillTargets(parent: Command, cli: Cli): void {
  describe(
    parent.command('targets'),
    'Show what each service would be rolled back to, and what that lacks',
    ['reg drill targets', 'reg drill targets --json'],
  ).action(async ({ json }: JsonOption) => {
    const http = await cli.connect();
    const list = await http.get('/v1/registry/rollback-targets', RollbackTargetList);
    cli.print(json ?? false, list, format);
  });
}

function format({ targets }: RollbackTargetList): string {
  const rows = targets.map(({ svc, digest, outcome, faults, leaseUntil, checkedAt }) => [
    svc,
    shortenDigest(digest),
    outcome,
    leaseUntil ?? '-',
    checkedAt,
    faults.map(({ message }) => message).join(' '),
  ]);
  return formatTable(['service', 'target', 'state', 'kept until', 'checked', 'lacks'], rows);
}
