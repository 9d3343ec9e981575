import type { Command } from 'commander';
import { ERRORS } from '../../../contract/errors';
import { WhyView } from '../../../contract/schema/api-allow';
import { describe, type Cli, type JsonOption } from '../../cli';
import { resolveImage } from '../../references';
import { formatWhy } from './format-why';

interface Options extends JsonOption {
  readonly namespace: string;
}

export function addWhy(parent: Command, cli: Cli): void {
  const command = parent
    .command('why')
    .argument('<image>', 'service or repository, with @sha256:… or a tag')
    .requiredOption('--namespace <name>', 'where it is to run');
  describe(command, 'Say whether an image may run in a namespace, with every reason', [
    'reg why checkout@sha256:… --namespace shop-prod',
    'reg why channels/prod/checkout:stable --namespace shop-stg --json',
  ]).action(async (image: string, { namespace, json }: Options) => {
    const http = await cli.connect();
    const asked = { image: await resolveImage(http, image), namespace };
    const query = new URLSearchParams(asked).toString();
    const view = await http.get(`/v1/registry/why?${query}`, WhyView);
    cli.print(json ?? false, view, (one) => formatWhy(one, cli.paint));
    if (!view.allowed || view.evidence === 'fails') cli.exitWith(ERRORS.QUARANTINED.exit);
    else if (view.evidence === 'unknown') cli.exitWith(ERRORS.REGISTRY_UNAVAILABLE.exit);
  });
}
