import type { Command } from 'commander';
import { QuarantineReleaseAnswer } from '../../../contract/schema/api-quarantine';
import { describe, type Cli, type JsonOption } from '../../cli';
import { requireConsent } from '../../consent';
import { describeBlock } from '../../output/quarantine';
import { quarantinePath } from './path';

interface Options extends JsonOption {
  readonly reason: string;
  readonly yes?: boolean;
}

export function addQuarantineRelease(parent: Command, cli: Cli): void {
  const command = parent
    .command('release <digest>')
    .requiredOption('--reason <text>', 'why it is good after all; it is recorded')
    .option('--yes', 'do not ask');
  describe(command, 'Let a quarantined digest be pulled and promoted again', [
    'reg quarantine release sha256:… --reason "the finding was wrong"',
  ]).action(async (digest: string, { reason, yes, json }: Options) => {
    const http = await cli.connect();
    await requireConsent(cli.context, yes, `Let everyone pull ${digest} again?`);
    const path = quarantinePath(digest, 'release');
    const answer = await http.post(path, { reason }, QuarantineReleaseAnswer);
    cli.print(json ?? false, answer, format);
  });
}

function format({ digest, block }: QuarantineReleaseAnswer): string {
  if (!block) return `${digest} may be pulled and promoted again\n`;
  return `${digest} is free, but still blocked through ${block.cause}: ${describeBlock(block)}\n`;
}
