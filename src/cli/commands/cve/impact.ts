import { InvalidArgumentError, type Command } from 'commander';
import { ERRORS } from '../../../contract/errors';
import { ImpactView } from '../../../contract/schema/api-impact';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { formatImpact } from '../../output/impact';

interface Options extends JsonOption {
  readonly db?: boolean;
  readonly limit: string;
}

export function addImpact(parent: Command, cli: Cli): void {
  const command = parent
    .command('impact')
    .argument('[what]', 'an advisory, or a package as a purl, with or without a version')
    .option('--db', 'all that the newest database brought, of what channels point at or that runs')
    .option('--limit <n>', 'show at most this many digests', parseCount, '500');
  describe(command, 'Show what an advisory hits: digests, channels, workloads, since when', [
    'reg cve impact CVE-2024-3094',
    'reg cve impact pkg:deb/debian/openssl',
    'reg cve impact pkg:npm/%40angular/core@17.0.0 --json',
    'reg cve impact --db',
  ]).action(async (what: string | undefined, { db, limit, json }: Options) => {
    if ((what === undefined) !== (db === true)) {
      throw new InvalidArgumentError('It takes an advisory or a purl, or --db.');
    }
    const http = await cli.connect();
    const asked = what === undefined ? { newest: 'true' } : { of: what };
    const query = new URLSearchParams({ ...asked, limit }).toString();
    const view = await http.get(`/v1/registry/cve/impact?${query}`, ImpactView);
    cli.print(json ?? false, view, (one) => formatImpact(one, cli.paint));
    if (view.total > 0) cli.exitWith(ERRORS.GATE_FAILED.exit);
  });
}
