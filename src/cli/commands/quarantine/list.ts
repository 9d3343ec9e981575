import type { Command } from 'commander';
import { QuarantineList, type QuarantineEntryView } from '../../../contract/schema/api-quarantine';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { formatTable } from '../../output/table';

interface Options extends JsonOption {
  readonly all?: boolean;
  readonly limit: string;
}

export function addQuarantineList(parent: Command, cli: Cli): void {
  const command = parent
    .command('list')
    .option('--all', 'lifted and expired ones too')
    .option('--limit <n>', 'at most this many', parseCount, '100');
  describe(command, 'List quarantined digests, newest first', [
    'reg quarantine list',
    'reg quarantine list --all --json',
  ]).action(async ({ all, limit, json }: Options) => {
    const http = await cli.connect();
    const query = new URLSearchParams({ limit, ...(all && { all: 'true' }) }).toString();
    const list = await http.get(`/v1/registry/quarantine?${query}`, QuarantineList);
    cli.print(json ?? false, list, ({ entries }) =>
      formatTable(['digest', 'why', 'by', 'since', 'until'], entries.map(toRow)),
    );
  });
}

function toRow(entry: QuarantineEntryView): readonly string[] {
  const why = entry.cves.length > 0 ? entry.cves.join(', ') : entry.reason;
  const until = entry.liftedAt === null ? (entry.expiresAt ?? '-') : `lifted ${entry.liftedAt}`;
  return [entry.digest, why, entry.actor, entry.at, until];
}
