import { stat } from 'node:fs/promises';
import path from 'node:path';
import type { Command } from 'commander';
import { BaseLint, MAX_DOCKERFILE_CHARACTERS } from '../../../contract/schema/api-base-lint';
import { describe, type Cli, type JsonOption } from '../../cli';
import { readInputText } from '../../input-file';
import type { Paint } from '../../output/style';
import { BASES } from './path';

/** As grep and linters have it: it was looked at, and is not clean. */
const REFUSED_EXIT = 1;

export function addBaseLint(parent: Command, cli: Cli): void {
  const command = parent.command('lint [path]');
  describe(
    command,
    'Check the Dockerfile of a folder, or a file: would a build start, and from what',
    ['reg base lint', 'reg base lint services/checkout', 'reg base lint ci.Dockerfile --json'],
  )
    .addHelpText('after', '\nExit code 1: a build would be refused.')
    .action(async (given: string | undefined, { json }: JsonOption) => {
      const { cwd } = cli.context;
      const file = await dockerfileOf(cwd, given ?? '.');
      const maxBytes = MAX_DOCKERFILE_CHARACTERS;
      const dockerfile = await readInputText({ file, cwd, maxBytes, field: 'path' });
      const http = await cli.connect();
      const report = await http.post(`${BASES}/lint`, { dockerfile }, BaseLint);
      cli.print(json ?? false, { file, ...report }, (one) => formatLint(one, cli.paint));
      if (!report.accepted) cli.exitWith(REFUSED_EXIT);
    });
}

async function dockerfileOf(cwd: string, given: string): Promise<string> {
  const found = await stat(path.resolve(cwd, given)).catch(() => null);
  return found?.isDirectory() ? path.join(given, 'Dockerfile') : given;
}

function formatLint(report: BaseLint & { readonly file: string }, paint: Paint): string {
  const { file, images, refusals, accepted } = report;
  const seen = images.map(({ name, lines, pinned, accepted: allowed }) => {
    const mark = allowed ? paint.green('✓') : paint.red('✗');
    return `${mark} ${file}:${lines.join(',')}: ${name}${pinned === null ? '' : ` → ${pinned}`}`;
  });
  const wrong = refusals.flatMap(({ line, message, remedy }) => [
    `${file}:${line ?? 1}: ${paint.red('refused')}: ${message}`,
    `  do: ${remedy}`,
  ]);
  const tally = accepted
    ? `${paint.green('✓')} ${file}: a build may start`
    : `${paint.red('✗')} ${file}: a build would be refused`;
  return `${[...seen, ...wrong, tally].join('\n')}\n`;
}
