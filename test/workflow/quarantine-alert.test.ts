import { quarantineAlertWorkflowId } from '../../src/contract/ids';
import { WORKFLOWS } from '../../src/contract/messages';
import { TASK_QUEUES } from '../../src/contract/queues';
import type { Digest } from '../../src/domain/digest';
import { child, pushed } from '../support/contracts/inventory-builders';
import { useDevServer } from '../support/dev-server';
import { createFakeDeps, type FakeDeps } from '../support/fake-deps';
import { pin } from '../support/contracts/allow-list';
import { digestOf, T0 } from '../support/contracts/ledger-builders';
import { createFakeQuarantine } from '../support/fakes/quarantine';
import { containing } from '../support/matchers';

jest.setTimeout(60_000);

describe('quarantineAlertWorkflow', () => {
  const server = useDevServer();
  let deps: FakeDeps;
  let runs = 0;

  beforeEach(async () => {
    const made = await createFakeDeps();
    const quarantine = createFakeQuarantine(made.inventory.contents);
    deps = { ...made, quarantine };
    for (const svc of ['', 'shop']) server.workers.use(svc, deps);
  });

  async function alert(digest: Digest): Promise<void> {
    runs += 1;
    const id = `request-${runs}`;
    const said = { reason: 'remote code execution', cves: ['CVE-2026-1'], by: 'erin', at: T0 };
    await server.environment.client.workflow.execute(WORKFLOWS.quarantineAlert, {
      workflowId: quarantineAlertWorkflowId(id),
      taskQueue: TASK_QUEUES.control,
      args: [{ id, digests: [digest], ...said }],
    });
  }

  it('tells of the channels that have an index around the digest, with the advisories', async () => {
    const [image, index] = [digestOf('1'), digestOf('2')];
    await pushed(deps.inventory, { repository: 'apps/shop/web', tag: null, digest: image });
    const around = { digest: index, edges: [child(image)] };
    await pushed(deps.inventory, { repository: 'apps/shop/web', tag: null, ...around });
    await pin(deps.ledger, index, T0);

    await alert(image);

    expect(deps.notifier.sent).toMatchObject([
      {
        id: `quarantine/request-${runs}`,
        severity: 'critical',
        svc: 'shop',
        text: containing(`shop prod:stable: ${image}`),
      },
    ]);
    expect(deps.notifier.sent[0]?.text).toContain('CVE-2026-1');
  });

  it('tells of what nobody runs too, less urgently', async () => {
    await alert(digestOf('3'));

    expect(deps.notifier.sent).toMatchObject([
      { severity: 'warning', text: containing('nothing known runs it') },
    ]);
  });

  it('tells what it could not ask', async () => {
    await pushed(deps.inventory, { repository: 'apps/shop/web', tag: null, digest: digestOf('4') });
    deps.rollout.fail('ROLLOUT_UNAVAILABLE', 10, 'getState');

    await alert(digestOf('4'));

    expect(deps.notifier.sent).toMatchObject([
      { severity: 'critical', text: containing('Not known: what shop runs in dev') },
    ]);
  });

  it('waits for a receiver that is away', async () => {
    deps.notifier.fail('NOTIFIER_UNAVAILABLE', 1, 'send');

    await alert(digestOf('5'));

    expect(deps.notifier.sent).toHaveLength(1);
  });
});
