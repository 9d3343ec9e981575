import type { Command } from 'commander';
import { ReleaseDigestAnswer } from '../../../contract/schema/api-service';
import { describe, type Cli, type JsonOption } from '../../cli';

interface Options extends JsonOption {
  readonly reason: string;
}

export function addUnblock(parent: Command, cli: Cli): void {
  const command = parent
    .command('unblock <service> <digest>')
    .requiredOption('--reason <text>', 'why it is good after all; it is recorded');
  describe(command, 'Forget that a digest is bad, so that it may be promoted again', [
    'reg unblock checkout sha256:… --reason "the load test was at fault"',
  ]).action(async (svc: string, digest: string, { reason, json }: Options) => {
    const http = await cli.connect();
    const path = `/v1/registry/digests/${encodeURIComponent(digest)}/release`;
    const answer = await http.post(path, { svc, reason }, ReleaseDigestAnswer);
    cli.print(json ?? false, answer, (one) =>
      one.released ? `${one.digest} may be promoted again\n` : `${one.digest} was not blocked\n`,
    );
  });
}
