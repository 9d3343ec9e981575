import { createOrchestrator } from '../../src/orchestrator/temporal-orchestrator';
import { createTestApi, type TestApi } from '../support/api-app';
import { CATALOG } from '../support/api-fixtures';
import { runPlura, type CliRun } from '../support/cli-run';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { containing } from '../support/matchers';
import { eventually } from '../support/workflow-env';
import { pushSigned, type SignedImage } from '../support/worm-world';

jest.setTimeout(90_000);

const SHOP = { ...CATALOG[0]!, svc: 'shop', name: 'shop' };

describe('incident copies and quarantine, from the command line to the workflow', () => {
  const server = useDevServer();
  let api: TestApi;
  let deps: FakeDeps;
  let signed: SignedImage;

  beforeAll(async () => {
    deps = await createFakeDeps();
    for (const svc of ['', 'shop']) server.workers.use(svc, deps);
    signed = await pushSigned(deps);
    api = await createTestApi({
      ledger: deps.ledger,
      quarantine: deps.quarantine,
      worm: deps.worm,
      wormCopies: deps.wormCopies,
      catalog: [SHOP],
      orchestrator: createOrchestrator({
        client: server.environment.client,
        deadlineMs: 10_000,
        rollbackDeadlineMs: 20_000,
      }),
    });
  });

  afterAll(async () => {
    await api.app.close();
  });

  const plura = (...args: readonly string[]): Promise<CliRun> =>
    runPlura(api, ['reg', ...args], {
      as: 'erin',
      roles: ['viewer', 'security', 'operator'],
      onSleep: () => new Promise((resolve) => setTimeout(resolve, 50)),
    });

  const image = (): string => `${signed.image.repository}@${signed.image.digest}`;

  it('holds, verifies, extends and restores', async () => {
    const why = ['--reason', 'incident 4711', '--until', '2028-01-31'];
    const held = await plura('hold', 'add', image(), ...why, '--wait', '--json');
    const { id } = JSON.parse(held.stdout) as { readonly id: string };
    const verified = await plura('hold', 'verify', id);
    const extended = await plura('hold', 'extend', id, '--until', '2030-01-31');
    await eventually(async () => {
      expect(await deps.wormCopies.get(id)).toMatchObject({
        lockUntil: '2030-01-31T23:59:59.000Z',
      });
    });
    const restored = await plura('hold', 'restore', id, '--to', 'apps/shop/again');

    expect(held).toMatchObject({ exit: 0, stdout: containing('"state": "held"') });
    expect(verified).toMatchObject({ exit: 0, stdout: containing('held') });
    expect([extended.exit, restored.exit]).toEqual([0, 0]);
    await eventually(async () => {
      const at = { repository: 'apps/shop/again', digest: signed.image.digest };
      expect(await deps.registry.findMissing(at)).toEqual([]);
    });
  });

  it('tells people of a quarantine', async () => {
    const { exit } = await plura('quarantine', 'add', signed.image.digest, '--reason', 'rce');

    expect(exit).toBe(0);
    await eventually(() => {
      expect(deps.notifier.sent).toMatchObject([{ text: containing('erin: rce') }]);
    });
  });
});
