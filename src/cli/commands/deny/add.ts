import type { Command } from 'commander';
import { DenialView } from '../../../contract/schema/api-allow';
import { describe, type Cli, type JsonOption } from '../../cli';
import { resolveImage } from '../../references';
import { DENIALS } from './path';

interface Options extends JsonOption {
  readonly reason: string;
}

/** The default of its group: `plura reg deny IMAGE` is `plura reg deny add IMAGE`. */
export function addDenyAdd(parent: Command, cli: Cli): void {
  const command = parent
    .command('add', { isDefault: true })
    .argument('<image>', 'a digest, with or without its service or repository before the @')
    .requiredOption('--reason <text>', 'why; whoever wants to run it is told');
  describe(
    command,
    'Let nobody run a digest anywhere, nor indexes that hold it; it may still be pulled',
    [
      'reg deny checkout@sha256:… --reason "writes to the wrong database"',
      'reg deny sha256:… --reason "incident 4711"',
    ],
  ).action(async (image: string, { reason, json }: Options) => {
    const http = await cli.connect();
    const body = { image: await resolveImage(http, image), reason };
    const denial = await http.post(DENIALS, body, DenialView);
    cli.print(json ?? false, denial, format);
  });
}

function format({ digest, by, at, reason }: DenialView): string {
  return `${digest} may run nowhere since ${at} (${by}): ${reason}\n`;
}
