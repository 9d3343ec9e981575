import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { retentionOf } from '../../../src/domain/gc/retention';
import { createTestApi, type TestApi } from '../../support/api-app';
import { runPlura, type CliRun } from '../../support/cli-run';
import { A } from '../../support/contracts/ledger-builders';
import { containing } from '../../support/matchers';

const SHIPPED = path.resolve(__dirname, '../../../deploy/policy/default.yaml');
const NONE = { tags: 0, manifests: 0, bytes: 0, flips: [] };

let api: TestApi;
let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plura-gc-diff-'));
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
  await rm(folder, { recursive: true });
});

const diff = (file: string): Promise<CliRun> =>
  runPlura(api, ['reg', 'gc', 'diff', file], { as: 'olga', roles: ['viewer', 'operator'] });

async function written(text: string): Promise<string> {
  const file = path.join(folder, 'retention.yaml');
  await writeFile(file, text);
  return file;
}

describe('plura reg gc diff', () => {
  it('shows both directions', async () => {
    const flip = { kind: 'tag', repository: 'apps/shop/web', digest: A, rule: 'inactive' } as const;
    api.orchestrator.collected.answer = {
      kind: 'diff',
      diff: {
        deletes: { ...NONE, tags: 60, bytes: 5, flips: [{ ...flip, tag: '1.0.0_abc1234' }] },
        keeps: { ...NONE, manifests: 1, flips: [{ ...flip, kind: 'manifest', tag: null }] },
      },
    };

    const { exit, stdout } = await diff(SHIPPED);

    expect(exit).toBe(0);
    expect(stdout).toContain('deletes what is kept now: 60 tags, 0 manifests, 5 B');
    expect(stdout).toContain('- apps/shop/web:1.0.0_abc1234  inactive\n  and 59 more');
    expect(stdout).toContain(`+ apps/shop/web@${A}  inactive`);
    expect(api.orchestrator.collected.asked).toMatchObject([
      { question: { kind: 'diff', after: { retention: { keepLast: 3 } } } },
    ]);
  });

  it('asks by a section `retention` alone what would differ from the policy in force', async () => {
    const file = await written(
      'retention: { windows: { dev: 30d }, keepLast: 9, budget: { maxItems: 5 }, automatic: true }\n',
    );

    expect(await diff(file)).toMatchObject({ exit: 0 });

    const { question, policy = { registry: { open: [] } } } =
      api.orchestrator.collected.asked[0] ?? {};
    const { windows, ...rest } = retentionOf(policy);
    const retention = { ...rest, keepLast: 9, windows: { ...windows, devMs: 30 * 86_400_000 } };
    expect(question).toEqual({
      ...{ kind: 'diff', repository: null },
      after: { ...policy, retention },
    });
  });

  it.each([
    ['/nonexistent.yaml', "can't be read"],
    [path.join(__dirname, 'gc.test.ts'), 'gc.test.ts:'],
  ])('refuses what is no policy: %s', async (file, text) => {
    expect(await diff(file)).toMatchObject({ exit: 2, stderr: containing(text) });
  });

  it.each([
    ['retention:\n  windows: { staging: 30d }\n', ':2: retention.windows.staging: this key'],
    ['retention:\n', ':1: retention: '],
    ['retention: { keepLast: 3 }\nscan: {}\n', ':1: '],
  ])('names what is wrong in %j, and where', async (text, found) => {
    expect(await diff(await written(text))).toMatchObject({ exit: 2, stderr: containing(found) });
  });

  it.each([
    [{ apiVersion: 'plura.reg/v1' }, 'policy.'],
    [{ retention: { keepLast: -1 } }, 'policy.retention.keepLast'],
  ])('is refused by the server too: %j', async (policy, field) => {
    const headers = { authorization: `Bearer ${await api.token('olga', ['operator'])}` };

    const answer = await api.app.inject({
      ...{ method: 'POST', url: '/v1/registry/gc/diff', headers, payload: { policy } },
    });

    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({ field: containing(field) });
  });
});
