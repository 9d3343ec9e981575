import { InvalidArgumentError, type Command } from 'commander';
import { HoldView } from '../../../contract/schema/api-allow';
import { describe, type Cli, type JsonOption } from '../../cli';
import { resolveImage } from '../../references';
import { HOLDS } from './path';

interface Options extends JsonOption {
  readonly reason: string;
  readonly until?: string;
}

/** The default of its group: `plura reg keep IMAGE` is `plura reg keep add IMAGE`. */
export function addKeepAdd(parent: Command, cli: Cli): void {
  const command = parent
    .command('add', { isDefault: true })
    .argument('<image>', 'a digest, with or without its service or repository before the @')
    .requiredOption('--reason <text>', 'why; it is recorded')
    .option('--until <time>', 'a day or a time, e.g. 2027-01-31; without it until released', parse);
  describe(
    command,
    'Keep a digest: it is not deleted, is scanned again, and runs where a channel once let it in',
    [
      'reg keep checkout@sha256:… --reason "incident 4711" --until 2027-01-31',
      'reg keep sha256:… --reason "asked for by the auditors"',
    ],
  ).action(async (image: string, { json, ...options }: Options) => {
    const http = await cli.connect();
    const body = { ...options, image: await resolveImage(http, image) };
    const hold = await http.post(HOLDS, body, HoldView);
    cli.print(json ?? false, hold, format);
  });
}

/** A day is over when it ends, in UTC. */
function parse(text: string): string {
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text);
  const at = new Date(isDay ? `${text}T23:59:59Z` : text);
  if (/^\d{4}-\d\d-\d\d/.test(text) && !Number.isNaN(at.getTime())) return at.toISOString();
  throw new InvalidArgumentError('It takes a day or a time, such as 2027-01-31.');
}

function format({ id, digest, by, until, reason }: HoldView): string {
  const end = until === null ? 'until it is released' : `until ${until}`;
  return `${digest} is kept ${end} (${by}): ${reason}\nto release it: plura reg keep release ${id}\n`;
}
