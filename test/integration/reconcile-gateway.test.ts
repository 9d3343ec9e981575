import {
  createReconcileActivities,
  type ReconcileActivities,
  type WalkResult,
} from '../../activities/reconcile';
import { createOciRegistry } from '../../src/adapters/oci/oci-registry';
import { createOciRegistryCatalog } from '../../src/adapters/oci/registry-catalog';
import { sha256 } from '../../src/adapters/oci/schema';
import { createPostgresLedger, type PostgresLedger } from '../../src/adapters/postgres/ledger';
import {
  createPostgresRegistryStores,
  type PostgresRegistryStores,
} from '../../src/adapters/postgres/registry-stores';
import type { WalkCursor } from '../../src/contract/messages';
import type { Digest } from '../../src/domain/digest';
import { planRepair } from '../../src/domain/registry/drift';
import type { Registry } from '../../src/ports/registry';
import { quietEnvironment } from '../support/activity-env';
import { buildTestImage } from '../support/fakes/registry-image';
import { LABELS } from '../support/fuzz/artifact';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process';
import { startPostgres, type PostgresServer } from '../support/postgres-server';
import { pushBlob, putManifest } from '../support/registry-push';
import { pushTestImage, startRegistry, type RegistryServer } from '../support/registry-server';

jest.setTimeout(120_000);

const APP = 'apps/shop/shop';
const CHANNEL = 'channels/prod/shop';
const TAG = '1.0.0_abcdef123456';
const STABLE = { env: 'prod', tag: 'stable' } as const;

let postgres: PostgresServer;
let backend: RegistryServer;
let gateway: GatewayProcess;
let stores: PostgresRegistryStores;
let ledger: PostgresLedger;
let registry: Registry;
let basic: string;

beforeAll(async () => {
  [postgres, backend] = await Promise.all([startPostgres(), startRegistry()]);
  const database = await postgres.freshDatabase();
  gateway = await startGatewayProcess({ backendUrl: backend.url, database, open: ['scratch'] });
  stores = createPostgresRegistryStores({ connectionString: database });
  ledger = createPostgresLedger({ connectionString: database });
  const robot = await gateway.createRobot({
    kind: 'system',
    scopes: [{ repositories: '**', actions: ['pull', 'push', 'delete'] }],
  });
  const { username, password } = robot;
  basic = robot.basic;
  registry = createOciRegistry({ url: gateway.url, credentials: { username, password } });
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all([stores.close(), ledger.close()]);
  await Promise.all([backend.stop(), postgres.stop()]);
});

/** Runs one activity of the reconcile on the real parts. */
function run<Name extends keyof ReconcileActivities>(
  name: Name,
  input: Parameters<ReconcileActivities[Name]>[0],
): Promise<Awaited<ReturnType<ReconcileActivities[Name]>>> {
  const activities = createReconcileActivities({
    catalog: createOciRegistryCatalog({ url: backend.url, requestsPerSecond: 1000 }),
    inventory: stores.inventory,
    pendingPushes: stores.pendingPushes,
    ledger,
    now: () => new Date(),
  });
  const activity = activities[name] as (one: unknown) => Promise<never>;
  return quietEnvironment().run(activity, input);
}

async function walk(): Promise<Pick<WalkResult, 'findings' | 'errors'>> {
  const all = { findings: [] as WalkResult['findings'][number][], errors: [] as string[] };
  let cursor: WalkCursor | null = { phase: 'recorded', after: null, tag: null };
  while (cursor) {
    const input = { cursor, manifestShare: 0, manifestShares: 1 };
    const slice: WalkResult = await run('walkRegistry', input);
    all.findings.push(...slice.findings);
    all.errors.push(...slice.errors);
    cursor = slice.next;
  }
  return all;
}

async function pushThrough(user: string): Promise<Digest> {
  const access = { url: gateway.url, basic };
  const image = buildTestImage({ repository: APP, user, labels: LABELS, index: true });
  for (const blob of image.blobs) expect((await pushBlob(access, APP, blob)).status).toBe(201);
  for (const one of image.manifests) {
    expect((await putManifest(access, APP, sha256(one.bytes), one)).status).toBe(201);
  }
  return image.digest;
}

describe('reconcile beside the gateway', () => {
  it('has nothing to say about tags, attachments, channels and deletes that went through it', async () => {
    const digest = await pushThrough('1');
    await registry.putTag({ repository: APP, digest }, TAG);
    await registry.putTag(
      { repository: APP, digest: await pushThrough('2') },
      '2.0.0_abcdef123456',
    );
    await registry.attach({
      subject: { repository: APP, digest },
      artifactType: 'application/vnd.test+json',
      mediaType: 'application/vnd.test+json',
      payload: Buffer.from('{}'),
      annotations: {},
    });
    const move = {
      ...{ svc: 'shop', channel: STABLE, expected: null, next: digest, epoch: 1, actor: 'rita' },
      ...{ reason: 'test', idempotencyKey: 'one' },
    };
    await ledger.beginMove(move);
    await registry.mount({ repository: APP, digest }, CHANNEL);
    await registry.putTag({ repository: CHANNEL, digest }, 'stable');
    await ledger.completeMove(move, '2026-01-01T00:00:00.000Z');
    await registry.deleteTag(APP, '2.0.0_abcdef123456');

    const { findings, errors } = await walk();

    expect(errors).toEqual([]);
    expect(findings.filter((one) => planRepair(one).event !== null)).toEqual([]);
  });

  it('repairs a channel and a version tag that were moved behind its back, as clients then see', async () => {
    const intruder = await pushTestImage(backend.url, { repository: APP, user: '9' });
    await pushTestImage(backend.url, { repository: CHANNEL, user: '9' });
    const direct = createOciRegistry({ url: backend.url });
    const before = await registry.resolve(APP, TAG);
    await direct.putTag({ repository: APP, digest: intruder }, TAG);
    await direct.putTag({ repository: CHANNEL, digest: intruder }, 'stable');

    const { findings } = await walk();
    const { confirmed } = await run('confirmDrift', { findings });
    const outcomes = await run('repairDrift', {
      plans: confirmed.map(planRepair),
      runStartedAt: new Date().toISOString(),
    });

    expect(outcomes.map(({ result }) => result)).not.toContain('failed');
    expect(await registry.resolve(APP, TAG)).toEqual(before);
    expect(await registry.resolve(CHANNEL, 'stable')).toMatchObject({ digest: before?.digest });
    expect((await walk()).findings).toEqual([]);
  });
});
