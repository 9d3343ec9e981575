import { Option, type Command } from 'commander';
import { EVENT_KINDS, EventList } from '../../../contract/schema/api-tag';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { shortenDigest } from '../../output/style';
import { formatTable } from '../../output/table';

interface Options extends JsonOption {
  readonly kind?: string;
  readonly limit: string;
}

export function addEvents(parent: Command, cli: Cli): void {
  const command = parent
    .command('events')
    .addOption(new Option('--kind <kind>', 'of one kind').choices(EVENT_KINDS))
    .option('--limit <n>', 'at most this many', parseCount, '50');
  describe(command, 'List refused pulls and pushes, and what went around the gateway', [
    'reg events',
    'reg events --kind pull-blocked --limit 10',
  ]).action(async ({ kind, limit, json }: Options) => {
    const http = await cli.connect();
    const query = new URLSearchParams({ limit, ...(kind !== undefined && { kind }) }).toString();
    const list = await http.get(`/v1/registry/events?${query}`, EventList);
    cli.print(json ?? false, list, ({ events }) =>
      formatTable(
        ['at', 'kind', 'what', 'by', 'detail'],
        events.map((one) => [
          one.at,
          one.kind,
          nameOf(one.repository, one.reference),
          one.actor,
          describeDetail(one.detail),
        ]),
      ),
    );
  });
}

function nameOf(repository: string, reference: string): string {
  return reference.startsWith('sha256:')
    ? `${repository}@${shortenDigest(reference)}`
    : `${repository}:${reference}`;
}

type Detail = EventList['events'][number]['detail'];

function describeDetail(detail: Detail): string {
  return Object.entries(detail)
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(' ') : String(value)] as const)
    .filter(([, text]) => text !== '')
    .map(([name, text]) => `${name}=${text.startsWith('sha256:') ? shortenDigest(text) : text}`)
    .join(', ');
}
