import type { Command } from 'commander';
import { QuarantineView } from '../../../contract/schema/api-quarantine';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatQuarantine } from '../../output/quarantine';
import { parseDuration } from '../../durations';

interface Options extends JsonOption {
  readonly reason: string;
  readonly cve: readonly string[];
  readonly expires?: number;
}

function collect(id: string, before: readonly string[]): readonly string[] {
  return [...before, id];
}

export function addQuarantineAdd(parent: Command, cli: Cli): void {
  const command = parent
    .command('add <digest>')
    .requiredOption('--reason <text>', 'why; whoever wants to pull it is told')
    .option('--cve <id>', 'an advisory it is about; more than once for more', collect, [])
    .option('--expires <duration>', 'end by itself after that, e.g. 12h or 30d', parseDuration);
  describe(
    command,
    'Let nobody pull, promote or roll back to a digest, nor to indexes that hold it',
    [
      'reg quarantine add sha256:… --reason "remote code execution" --cve CVE-2026-1234',
      'reg quarantine add sha256:… --reason "incident 4711" --expires 7d',
    ],
  ).action(async (digest: string, { reason, cve, expires, json }: Options) => {
    const http = await cli.connect();
    const at = new Date(cli.context.now() + (expires ?? 0)).toISOString();
    const body = { digest, reason, cves: cve, ...(expires !== undefined && { expiresAt: at }) };
    const view = await http.post('/v1/registry/quarantine', body, QuarantineView);
    cli.print(json ?? false, view, (one) => formatQuarantine(one, cli.paint));
  });
}
