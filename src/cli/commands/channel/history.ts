import type { Command } from 'commander';
import { HistoryAnswer } from '../../../contract/schema/api-service';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { shortenDigest } from '../../output/style';
import { formatTable } from '../../output/table';
import { servicePath } from '../../references';

interface Options extends JsonOption {
  readonly limit: string;
}

export function addHistory(parent: Command, cli: Cli): void {
  const command = parent
    .command('history <service>')
    .option('--limit <n>', 'at most this many', parseCount, '30');
  describe(command, 'Show who moved which channel, newest first', ['reg history checkout']).action(
    async (service: string, { limit, json }: Options) => {
      const http = await cli.connect();
      const query = new URLSearchParams({ limit }).toString();
      const answer = await http.get(`${servicePath(service, 'history')}?${query}`, HistoryAnswer);
      cli.print(json ?? false, answer, ({ history }) =>
        formatTable(
          ['at', 'channel', 'from', 'to', 'by', 'why'],
          history.map((one) => [
            one.at,
            one.channel,
            shortenDigest(one.from),
            shortenDigest(one.to),
            one.actor,
            one.reason,
          ]),
        ),
      );
    },
  );
}
