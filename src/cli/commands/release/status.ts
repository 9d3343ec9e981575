import type { Command } from 'commander';
import { ReleaseView } from '../../../contract/schema/api-release';
import { ServiceView } from '../../../contract/schema/api-service';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatRelease } from '../../output/release';
import { formatService } from '../../output/service';
import { releasePath, servicePath } from '../../references';

export function addStatus(parent: Command, cli: Cli): void {
  describe(
    parent.command('status <name>'),
    'Show a release, or a service with its channels and lane',
    ['reg status checkout', 'reg status checkout/1.4.0_3f2a9c1'],
  ).action(async (name: string, options: JsonOption) => {
    const http = await cli.connect();
    const json = options.json ?? false;
    if (!name.includes('/')) {
      const service = await http.get(servicePath(name), ServiceView);
      cli.print(json, service, (one) => formatService(one, cli.paint));
      return;
    }
    const release = await http.get(releasePath(name), ReleaseView);
    cli.print(json, release, (one) => {
      const lines = formatRelease(one, cli.context.now(), cli.paint);
      return `${[...lines, `  web ui: ${one.webUiUrl}`].join('\n')}\n`;
    });
  });
}
