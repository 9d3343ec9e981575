import type { Command } from 'commander';
import { ReleaseError } from '../../../contract/errors';
import { QuarantineAnswer } from '../../../contract/schema/api-quarantine';
import { describe, type Cli, type JsonOption } from '../../cli';
import { requireConsent } from '../../consent';
import { parseDuration } from '../../durations';
import { formatQuarantine } from '../../output/quarantine';
import { formatMatching, quarantineMatching } from './matching';

interface Options extends JsonOption {
  readonly reason: string;
  readonly cve: readonly string[];
  readonly breach?: boolean;
  readonly dryRun?: boolean;
  readonly expires?: number;
  readonly yes?: boolean;
}

function collect(id: string, before: readonly string[]): readonly string[] {
  return [...before, id];
}

export function addQuarantineAdd(parent: Command, cli: Cli): void {
  const command = parent
    .command('add [digest]')
    .requiredOption('--reason <text>', 'why; whoever wants to pull it is told')
    .option(
      '--cve <id>',
      'an advisory it is about, more than once for more; without a digest: all whose newest scan lists it',
      collect,
      [],
    )
    .option('--breach', 'all that is in a channel or under a tag and whose newest scan fails')
    .option('--dry-run', 'with --cve or --breach alone: say what it would be, and do nothing')
    .option('--expires <duration>', 'end by itself after that, e.g. 12h or 30d', parseDuration)
    .option('--yes', 'do not ask');
  describe(
    command,
    'Let nobody pull, promote or roll back to a digest, nor to indexes that hold it',
    [
      'reg quarantine add sha256:… --reason "remote code execution" --cve CVE-2026-1234',
      'reg quarantine add sha256:… --reason "incident 4711" --expires 7d',
      'reg quarantine add --cve CVE-2026-1234 --reason "remote code execution" --dry-run',
      'reg quarantine add --breach --reason "the policy of March"',
    ],
  ).action(async (digest: string | undefined, options: Options) => {
    await (digest === undefined ? addMatching(cli, options) : addOne(cli, digest, options));
  });
}

function expiry(cli: Cli, { expires }: Options): { readonly expiresAt?: string } {
  if (expires === undefined) return {};
  return { expiresAt: new Date(cli.context.now() + expires).toISOString() };
}

async function addOne(cli: Cli, digest: string, options: Options): Promise<void> {
  const { reason, cve: cves, breach, dryRun, json } = options;
  if (breach || dryRun) throw usage('--breach and --dry-run', 'leave out the digest, or these');
  const http = await cli.connect();
  const body = { digest, reason, cves, ...expiry(cli, options) };
  const view = await http.post('/v1/registry/quarantine', body, QuarantineAnswer);
  cli.print(json ?? false, view, (one) => {
    const untold = 'The alert could not be ordered: tell those who run it.\n';
    return formatQuarantine(one, cli.paint) + (one.alerted ? '' : untold);
  });
}

async function addMatching(cli: Cli, options: Options): Promise<void> {
  const { reason, cve: cves, breach = false, dryRun = false, json, yes } = options;
  const [cve, second] = cves;
  if (second !== undefined) throw usage('more than one --cve', 'name one at a time, or a digest');
  if ((cve === undefined) === !breach) {
    throw usage('nothing, or too much', 'name a digest, or give one of --cve and --breach');
  }
  const http = await cli.connect();
  const request = { reason, breach, ...(cve !== undefined && { cve }), ...expiry(cli, options) };
  if (!dryRun) {
    const { matches } = await quarantineMatching(http, { ...request, dryRun: true });
    const running = matches.filter((one) => one.running).length;
    const question = `Quarantine ${matches.length} digests, of which ${running} run?`;
    await requireConsent(cli.context, yes, question);
  }
  const matching = await quarantineMatching(http, { ...request, dryRun });
  cli.print(json ?? false, matching, formatMatching);
}

function usage(what: string, remedy: string): ReleaseError {
  return new ReleaseError('INVALID_INPUT', `It can't be told what is meant by ${what}`, {
    details: { field: 'digest', remedy },
  });
}
