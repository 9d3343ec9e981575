import type { Command } from 'commander';
import { ReleaseError } from '../../../contract/errors';
import { TagView } from '../../../contract/schema/api-tag';
import { describe, type Cli, type JsonOption } from '../../cli';
import { describeBlock } from '../../output/quarantine';
import type { Paint } from '../../output/style';
import { resolveRepository } from '../../references';

export function addTagsShow(parent: Command, cli: Cli): void {
  describe(
    parent.command('show <tag>'),
    'Show what a tag points at, who wrote it and when, and whether it may be pulled',
    ['reg tags show checkout:1.4.0_3f2a9c1', 'reg tags show charts/checkout:1.4.0'],
  ).action(async (name: string, { json }: JsonOption) => {
    const [repo = '', tag = '', ...rest] = name.split(':');
    if (repo === '' || tag === '' || rest.length > 0) throw notATag(name);
    const http = await cli.connect();
    const repository = await resolveRepository(http, repo);
    const query = new URLSearchParams({ repository }).toString();
    // People write the version with `+`, which a tag can't hold.
    const path = `/v1/registry/tags/${encodeURIComponent(tag.replace('+', '_'))}?${query}`;
    const view = await http.get(path, TagView);
    cli.print(json ?? false, view, (one) => format(one, cli.paint));
  });
}

function notATag(name: string): ReleaseError {
  return new ReleaseError('INVALID_INPUT', `"${name}" is not a tag`, {
    details: { field: 'tag', remedy: 'name it {service or repository}:{tag}' },
  });
}

function format(view: TagView, paint: Paint): string {
  return [
    paint.bold(`${view.repository}:${view.tag}`),
    `  digest      ${view.digest}`,
    `  pushed      ${view.pushedAt} by ${view.pushedBy}`,
    `  pulled      ${view.lastPulledAt ?? 'not yet'}`,
    `  written     ${view.writeOnce ? 'once: it never moves' : 'it may move'}`,
    `  quarantine  ${view.block ? paint.red(describeBlock(view.block)) : 'none'}`,
    ...(view.block && view.block.cause !== view.digest
      ? [`  through     ${view.block.cause}`]
      : []),
    '',
  ].join('\n');
}
