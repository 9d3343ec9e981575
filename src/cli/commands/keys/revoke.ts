import type { Command } from 'commander';
import { RevokedKeyView } from '../../../contract/schema/api-key';
import { describe, type Cli, type JsonOption } from '../../cli';
import { requireConsent } from '../../consent';

interface Options extends JsonOption {
  readonly trustedBefore?: string;
  readonly reason: string;
  readonly yes?: boolean;
}

export function addKeysRevoke(parent: Command, cli: Cli): void {
  const command = parent
    .command('revoke')
    .argument('<key>', 'its id, e.g. release/eu-west-1')
    .argument('<version>', 'a former one: rotate first, so that it does not sign any more')
    .option('--trusted-before <time>', 'before it nobody else had the key; what is older holds')
    .requiredOption('--reason <text>', 'why; it is recorded')
    .option('--yes', 'do not ask');
  describe(
    command,
    'Call a key back: within a second no verifier takes its signatures any more. It cannot be undone',
    [
      'reg keys revoke release/eu-west-1 1 --reason "the laptop of a custodian was stolen"',
      'reg keys revoke release/eu-west-1 1 --trusted-before 2026-06-01T00:00:00Z --reason "incident 4711"',
    ],
  ).action(async (keyId: string, version: string, { yes, json, ...options }: Options) => {
    const http = await cli.connect();
    await requireConsent(cli.context, yes, `Revoke version ${version} of ${keyId} for good?`);
    const body = { keyId, version, ...options };
    const revoked = await http.post('/v1/registry/keys/revocations', body, RevokedKeyView);
    cli.print(json ?? false, revoked, format);
  });
}

function format({ keyId, version, trustedBefore }: RevokedKeyView): string {
  const kept =
    trustedBefore === null
      ? 'nothing that it signed holds'
      : `what a record shows before ${trustedBefore} still holds`;
  return `Version ${version} of ${keyId} is revoked: ${kept}\n`;
}
