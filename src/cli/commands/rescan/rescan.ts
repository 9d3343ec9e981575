import type { Command } from 'commander';
import { RescanView, RunRescanAnswer } from '../../../contract/schema/api-rescan';
import { describe, type Cli, type JsonOption } from '../../cli';
import { formatRescans } from '../../output/rescan';
import { resolveImage } from '../../references';

const PATH = '/v1/registry/rescans';

interface Options extends JsonOption {
  readonly now?: boolean;
}

export function addRescan(parent: Command, cli: Cli): void {
  const command = parent
    .command('rescan')
    .argument('[what]', 'a service, or an image by its digest; without it all that is kept')
    .option('--now', 'scan it again: what is named whether due or not, else what is due');
  describe(command, 'Show what is scanned again, when, and what it found; or scan it now', [
    'reg rescan',
    'reg rescan checkout',
    'reg rescan checkout@sha256:… --now',
  ]).action(async (what: string | undefined, { now, json }: Options) => {
    const http = await cli.connect();
    const of = what?.includes('@') === true ? await resolveImage(http, what) : what;
    if (now === true) {
      const body = of === undefined ? {} : { of };
      const answer = await http.post(PATH, body, RunRescanAnswer);
      cli.print(json ?? false, answer, ({ started, running }) =>
        started
          ? `Started; see: plura reg rescan${what === undefined ? '' : ` ${what}`}\n`
          : `Under way already: ${running ?? ''}\n`,
      );
      return;
    }
    const query = of === undefined ? '' : `?${new URLSearchParams({ of }).toString()}`;
    const view = await http.get(`${PATH}${query}`, RescanView);
    cli.print(json ?? false, view, (one) => formatRescans(one, cli.paint));
  });
}
