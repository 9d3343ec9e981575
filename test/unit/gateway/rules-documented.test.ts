import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(__dirname, '../../..');
const DOCS = readFileSync(join(ROOT, 'docs/gateway.md'), 'utf8');

function sources(folder: string): string {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => readFileSync(join(ROOT, folder, name), 'utf8'))
    .join('\n');
}

const CODE = sources('src/gateway') + sources('src/domain/registry');

/** Given as a field, or as the first words of a helper that makes a refusal. */
const GIVEN =
  /(?:\brule: |\b(?:denied|tagInvalid|invalid|malformed|unavailable|rawAnswer)\((?:\s*\d{3},)?\s*)'([a-z0-9-]+)'/g;

const given = new Set([...CODE.matchAll(GIVEN)].map(([, rule = '']) => rule));
const tables = DOCS.slice(DOCS.indexOf('\n## Rules'));
const documented = new Set(
  tables
    .split('\n')
    .filter((line) => line.startsWith('| `'))
    .flatMap((line) => [...(line.split(' | ')[0] ?? '').matchAll(/`([a-z0-9-]+)`/g)])
    .map(([, rule = '']) => rule),
);

describe('docs/gateway.md', () => {
  it('lists every rule that a request can be refused by', () => {
    expect(given.size).toBeGreaterThan(60);
    expect([...given].filter((rule) => !documented.has(rule))).toEqual([]);
  });

  it('lists no rule that is not there', () => {
    expect([...documented].filter((rule) => !CODE.includes(`'${rule}'`))).toEqual([]);
  });
});
