import { Option, type Command } from 'commander';
import { GrantView } from '../../../contract/schema/api-allow';
import { ENVIRONMENTS } from '../../../domain/reference';
import { describe, type Cli, type JsonOption } from '../../cli';
import { resolveImage } from '../../references';
import { formatGrant } from './format-grant';
import { GRANTS } from './path';

interface Options extends JsonOption {
  readonly namespace?: string;
  readonly environment?: string;
  readonly owner: string;
  readonly reason: string;
  readonly expires: string;
}

const EXAMPLES = [
  'reg allow apps/checkout/checkout@sha256:… --namespace load-test --owner team-payments --reason "load test" --expires 2d',
  'reg allow checkout@sha256:… --environment stg --owner adam --reason "hotfix, see 4711" --expires 12h',
];

/** The default of its group: `plura reg allow IMAGE` is `plura reg allow add IMAGE`. */
export function addAllowAdd(parent: Command, cli: Cli): void {
  const command = parent
    .command('add', { isDefault: true })
    .argument('<image>', 'service or repository, with @sha256:…')
    .option('--namespace <name>', 'where it may run; * stands for any characters')
    .addOption(new Option('--environment <name>', 'or where').choices(ENVIRONMENTS))
    .requiredOption('--owner <who>', 'who answers for it; in prod never who grants it')
    .requiredOption('--reason <text>', 'why; it is recorded')
    .requiredOption('--expires <duration>', 'how long, e.g. 12h or 7d');
  describe(
    command,
    'Let one digest run in a namespace or an environment, for a time; never against a denial',
    EXAMPLES,
  ).action(async (image: string, { json, expires, ...options }: Options) => {
    const http = await cli.connect();
    const body = { ...options, image: await resolveImage(http, image), expiresIn: expires };
    const grant = await http.post(GRANTS, body, GrantView);
    cli.print(json ?? false, grant, (one) => formatGrant(one, cli.paint));
  });
}
