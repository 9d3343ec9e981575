import type { Command } from 'commander';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ERRORS } from '../../../src/contract/errors';
import { OUTCOME_EXITS } from '../../../src/contract/exit-codes';
import { buildProgram } from '../../../src/cli/run';
import type { CliContext } from '../../../src/cli/context';
import { createTestApi } from '../../support/api-app';

/** Cells of every table row of a page. */
function rowsOf(page: string): readonly (readonly string[])[] {
  const file = path.resolve(__dirname, '../../../docs', page);
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) => line.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.trim()));
}

/** Full names of a command that does something, and of those below it. */
function leavesOf(command: Command, path: string): readonly string[] {
  const name = `${path} ${command.name()}`;
  // What only gathers commands has no options of its own.
  const acts = command.commands.length === 0 || command.options.length > 0;
  return [...(acts ? [name] : []), ...command.commands.flatMap((child) => leavesOf(child, name))];
}

describe('the documents say what the code does', () => {
  it('errors.md holds the error table', () => {
    const documented = rowsOf('errors.md').slice(2);

    expect(documented).toEqual(
      Object.entries(ERRORS).map(([code, row]) => [
        `\`${code}\``,
        row.label,
        String(row.status),
        String(row.exit),
        row.retryable ? 'yes' : 'no',
      ]),
    );
  });

  it('api.md holds every route', async () => {
    const { app } = await createTestApi();
    const { paths } = (await app.inject({ url: '/openapi.json' })).json<{
      paths: Record<string, Record<string, unknown>>;
    }>();
    const routes = Object.entries(paths).flatMap(([url, methods]) =>
      Object.keys(methods).map((method) => `\`${method.toUpperCase()} ${url}\``),
    );
    await app.close();

    const documented = rowsOf('api.md')
      .slice(2)
      .map(([route]) => route);
    expect([...documented].sort()).toEqual(routes.sort());
  });

  it('configuration.md holds every variable that src/config reads', () => {
    const folder = path.resolve(__dirname, '../../../src/config');
    const read = readdirSync(folder).flatMap((file) =>
      [...readFileSync(path.join(folder, file), 'utf8').matchAll(/^\s+([A-Z][A-Z_]+): /gm)].map(
        ([, name = '']) => `\`${name}\``,
      ),
    );

    const documented = rowsOf('configuration.md')
      .map(([name = '']) => name)
      .filter((name) => name.startsWith('`'));
    expect(read.length).toBeGreaterThan(40);
    expect([...documented].sort()).toEqual([...new Set(read)].sort());
  });

  it('cli.md holds every command and every exit code', () => {
    const stream = { isTTY: false, columns: 80, write: () => undefined };
    const context = { stdout: stream, stderr: stream, colors: false, version: '0' };
    const program = buildProgram(context as unknown as CliContext, () => undefined);
    const commands = program.commands.flatMap((command) => leavesOf(command, 'plura'));
    const cells = rowsOf('cli.md').map(([first]) => first ?? '');
    const exits = [
      ...Object.values(ERRORS).map((row) => row.exit),
      ...Object.values(OUTCOME_EXITS),
    ];

    const documented = cells.map((cell) => /^`(plura(?: [a-z][a-z-]*)+)/.exec(cell)?.[1]);
    expect(documented.filter((name) => name !== undefined).sort()).toEqual(commands.sort());
    expect(cells).toEqual(expect.arrayContaining([...new Set(exits)].map(String)));
  });
});
