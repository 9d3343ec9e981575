import { Option, type Command } from 'commander';
import { VerdictList } from '../../../contract/schema/api-verdict';
import { GATES } from '../../../domain/verdict';
import { describe, type Cli, type JsonOption } from '../../cli';
import { releasePath } from '../../references';
import { formatVerdicts } from './format-verdicts';

interface Options extends JsonOption {
  readonly gate?: string;
  readonly all?: boolean;
}

export function addVerdictShow(parent: Command, cli: Cli): void {
  const command = parent
    .command('show <release>')
    .addOption(new Option('--gate <gate>', 'of one gate').choices([...GATES]))
    .option('--all', 'every answer of every run, newest first, without evidence');
  describe(command, 'Show the verdicts of a release, with numbers and charts of its windows', [
    'reg verdict show checkout/1.4.0_3f2a9c1',
    'reg verdict show checkout/1.4.0_3f2a9c1 --gate canary --json > verdicts.json',
  ]).action(async (release: string, { gate, all, json }: Options) => {
    const http = await cli.connect();
    const query = new URLSearchParams({
      ...(gate !== undefined && { gate }),
      ...(all && { all: 'true' }),
    }).toString();
    const path = releasePath(release, 'verdicts');
    const list = await http.get(query === '' ? path : `${path}?${query}`, VerdictList);
    const { unicode = true, stdout } = cli.context;
    const look = { unicode, columns: stdout.columns };
    cli.print(json ?? false, list, (one) => formatVerdicts(one, look, cli.paint));
  });
}
