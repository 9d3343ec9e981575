import type { Command } from 'commander';
import { ReleaseError } from '../../../contract/errors';
import { GcRestoreView, TombstoneList } from '../../../contract/schema/api-gc-run';
import { describe, parseCount, type Cli, type JsonOption } from '../../cli';
import { formatRestore, formatTombstones } from '../../output/gc-run';
import { resolveImage } from '../../references';
import { GC } from './run-path';

interface ListOptions extends JsonOption {
  readonly repo?: string;
  readonly state?: string;
  readonly limit: string;
}

export function addGcRestore(parent: Command, cli: Cli): void {
  const command = parent.command('restore').argument('<image>', '{repository}@{digest}');
  describe(command, 'Put back what a plan deleted, with its children, signatures and free tags', [
    'reg gc restore checkout@sha256:…',
    'reg gc restore apps/checkout/checkout@sha256:…',
  ]).action(async (named: string, { json }: JsonOption) => {
    const http = await cli.connect();
    const [repository = '', digest] = (await resolveImage(http, named)).split('@');
    if (digest === undefined) {
      throw new ReleaseError('INVALID_INPUT', `"${named}" does not end with @sha256:…`, {
        details: { field: 'image', remedy: 'take it from: plura reg gc tombstones' },
      });
    }
    const body = { repository, digest };
    const restored = await http.post(`${GC}/restore`, body, GcRestoreView);
    cli.print(json ?? false, restored, formatRestore);
  });
}

export function addGcTombstones(parent: Command, cli: Cli): void {
  const command = parent
    .command('tombstones')
    .option('--repo <repository>', 'of this repository only')
    .option('--state <state>', 'buried, restored or reclaimed')
    .option('--limit <n>', 'at most this many', parseCount, '100');
  describe(command, 'List what plans deleted, newest first; what is buried can be put back', [
    'reg gc tombstones --state buried',
    'reg gc tombstones --repo apps/checkout/checkout --json',
  ]).action(async ({ repo, state, limit, json }: ListOptions) => {
    const http = await cli.connect();
    const query = new URLSearchParams({
      limit,
      ...(repo !== undefined && { repository: repo }),
      ...(state !== undefined && { state }),
    });
    const list = await http.get(`${GC}/tombstones?${query.toString()}`, TombstoneList);
    cli.print(json ?? false, list, ({ tombstones }) => formatTombstones(tombstones));
  });
}
