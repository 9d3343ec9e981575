import { Option, type Command } from 'commander';
import { ReleaseList } from '../../../contract/schema/api-release';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { displayRelease, shortenDigest } from '../../output/style';
import { formatTable } from '../../output/table';

interface Options extends JsonOption {
  readonly svc?: string;
  readonly limit: string;
}

export function addList(parent: Command, cli: Cli): void {
  const command = parent
    .command('list')
    .option('--svc <service>', 'of one service')
    .addOption(new Option('--limit <n>', 'at most this many').argParser(parseCount).default('20'));
  describe(command, 'List releases, newest first', ['reg list', 'reg list --svc checkout']).action(
    async ({ svc, limit, json }: Options) => {
      const http = await cli.connect();
      const query = new URLSearchParams({ limit, ...(svc !== undefined && { svc }) });
      const list = await http.get(`/v1/registry/releases?${query.toString()}`, ReleaseList);
      cli.print(json ?? false, list, ({ releases }) =>
        formatTable(
          ['release', 'state', 'digest', 'by', 'at'],
          releases.map((one) => [
            displayRelease(one.releaseId),
            one.outcome ?? one.stage,
            shortenDigest(one.digest),
            one.requestedBy,
            one.requestedAt,
          ]),
        ),
      );
    },
  );
}
