import type { Command } from 'commander';
import { GrantView } from '../../../contract/schema/api-allow';
import { describe, type Cli, type JsonOption } from '../../cli';
import { GRANTS } from './path';

interface Options extends JsonOption {
  readonly reason: string;
}

export function addAllowRevoke(parent: Command, cli: Cli): void {
  const command = parent
    .command('revoke <id>')
    .requiredOption('--reason <text>', 'why; it is recorded');
  describe(command, 'Let a grant let in nothing any more; what runs already goes on', [
    'reg allow revoke 3f2a9c1d0b7e4a55 --reason "the test is over"',
  ]).action(async (id: string, { reason, json }: Options) => {
    const http = await cli.connect();
    const query = new URLSearchParams({ reason }).toString();
    const path = `${GRANTS}/${encodeURIComponent(id)}?${query}`;
    const grant = await http.delete(path, GrantView);
    cli.print(json ?? false, grant, (one) => `grant ${one.id} lets in nothing any more\n`);
  });
}
