import { createTestApi, type TestApi } from '../../support/api-app';
import { NOW, POLICY } from '../../support/api-fixtures';
import { layer, pushed } from '../../support/contracts/inventory-builders';
import { digestOf } from '../../support/contracts/ledger-builders';

const URL = '/v1/registry/metrics';
const REPOSITORY = 'apps/checkout/checkout';

interface Body {
  readonly metrics: readonly { readonly name: string; readonly samples: unknown }[];
  readonly storage: { readonly groups: readonly { readonly name: string }[] } | null;
}

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

async function get(query = '', of = api): Promise<{ status: number; body: Body }> {
  const token = await of.token('dave', ['viewer']);
  const headers = { authorization: `Bearer ${token}` };
  const answer = await of.app.inject({ url: URL + query, headers });
  return { status: answer.statusCode, body: answer.json() };
}

async function pushTo(repository: string, bytes: number, of = api): Promise<void> {
  await pushed(of.inventory, {
    ...{ repository, digest: digestOf(repository), size: 100, tag: 'one', writeOnce: false },
    edges: [layer(`layer of ${repository}`, bytes)],
  });
}

function take(day: string, of = api): Promise<unknown> {
  const places = [{ repository: REPOSITORY, service: 'checkout', team: 'pay' }];
  return of.storageSamples.take({ day, at: `${day}T06:00:00.000Z`, places });
}

async function scrape(): Promise<string> {
  const answer = await api.app.inject('/metrics');
  expect(answer.statusCode).toBe(200);
  return answer.body;
}

describe('GET metrics', () => {
  it('answers what the ledger says before anything was counted', async () => {
    const { status, body } = await get();

    expect(status).toBe(200);
    expect(body).toMatchObject({ at: NOW, windowDays: 30, repository: null, storage: null });
    expect(body.metrics).toHaveLength(9);
    expect(body.metrics.find(({ name }) => name === 'registry_storage_bytes')).toMatchObject({
      ...{ samples: [], met: null, unit: 'bytes' },
    });
    expect(body.metrics.find(({ name }) => name === 'sbom_coverage')).toMatchObject({
      ...{ samples: [], of: 0, target: { atLeast: 1 } },
    });
  });

  it('answers growth, goal and the groups that hold most', async () => {
    await pushTo('bases/go', 900);
    await take('2026-01-30');
    await pushTo(REPOSITORY, 100);
    await take('2026-03-01');

    const { body } = await get('?by=team&limit=1');

    expect(body).toMatchObject({
      storage: {
        ...{ day: '2026-03-01', totals: { storageBytes: 1200, repositories: 2 } },
        growth: { day: null, month: { bytes: 200, ratio: 0.2 } },
        goal: { state: 'missed', ratio: -0.2 },
        ...{ cost: null, by: 'team', truncated: true },
        groups: [{ name: '-', uniqueBytes: 1000, sharedBytes: 0, monthlyCost: null }],
      },
    });
  });

  it('answers cost by the prices of the policy', async () => {
    const accounting = {
      monthlyGoal: -0.2,
      prices: { currency: 'EUR', perGbMonth: { registry: 0.02 } },
      keep: { eventsMs: 1, tagMovesMs: 1, samplesMs: 1 },
    };
    const priced = await createTestApi({ policy: { ...POLICY, accounting } });
    await pushTo(REPOSITORY, 5e10, priced);
    await take('2026-03-01', priced);

    const { body } = await get('', priced);
    await priced.app.close();

    expect(body).toMatchObject({
      storage: {
        cost: { currency: 'EUR', monthly: 1, perGbMonth: 0.02 },
        groups: [{ name: 'checkout', monthlyCost: 1 }],
      },
    });
  });

  it('answers of one repository', async () => {
    await pushTo(REPOSITORY, 100);
    await pushTo('bases/go', 900);
    await take('2026-03-01');

    const { body } = await get(`?repo=${REPOSITORY}`);

    expect(body).toMatchObject({ repository: REPOSITORY });
    expect(body.storage?.groups.map(({ name }) => name)).toEqual([REPOSITORY]);
    expect(body.metrics.find(({ name }) => name === 'registry_storage_bytes')?.samples).toEqual([
      { label: null, value: 200 },
    ]);
    expect(api.ledgerFigures.calls.at(-1)?.args).toEqual([
      { since: '2026-01-30T12:00:00.000Z', repository: REPOSITORY, svc: 'checkout' },
    ]);
  });

  it('knows a repository that was pushed to since the last count', async () => {
    await take('2026-03-01');
    await pushTo(REPOSITORY, 100);

    expect(await get(`?repo=${REPOSITORY}`)).toMatchObject({ status: 200 });
  });

  it.each([
    ['?repo=apps/checkout/nothing', 404],
    ['?repo=NOT', 400],
    ['?by=colour', 400],
    ['?limit=0', 400],
    ['?limit=1001', 400],
  ])('refuses %s', async (query, status) => {
    expect(await get(query)).toMatchObject({ status });
  });

  it('says that the ledger is down', async () => {
    api.ledgerFigures.fail('LEDGER_UNAVAILABLE', 1);

    expect(await get()).toMatchObject({ status: 503 });
  });
});

describe('GET /metrics', () => {
  it('shows what is known under the names of the standard', async () => {
    await pushTo(REPOSITORY, 100);
    await take('2026-03-01');

    const text = await scrape();

    expect(text).toContain('\nregistry_storage_bytes 200\n');
    expect(text).toContain('\nimage_count_by_env{env="prod"} 0\n');
    expect(text).toContain('\ncve_block_events{at="admission"} 0\n');
    expect(text).toContain('\ngc_reclaim_bytes{stage="deleted"} 0\n');
    expect(text).toContain('\nplura_storage_unique_bytes{by="team",name="pay"} 200\n');
    expect(text).toContain('\nplura_storage_sample_age_seconds 21600\n');
    expect(text).toContain('\nplura_metrics_source_up{source="ledger"} 1\n');
    // There were no releases, nothing is in a channel, and no plan was made.
    expect(text).not.toMatch(/^(promotion_latency_p95|sbom_coverage|plura_storage_reclaimable)/m);
  });

  it('leaves out what could not be read, and says so', async () => {
    await pushTo(REPOSITORY, 100);
    await take('2026-03-01');
    api.ledgerFigures.fail('LEDGER_UNAVAILABLE', 1);

    const text = await scrape();

    expect(text).toContain('\nplura_metrics_source_up{source="ledger"} 0\n');
    expect(text).toContain('\nplura_metrics_source_up{source="storage"} 1\n');
    expect(text).toContain('\nregistry_storage_bytes 200\n');
    expect(text).not.toMatch(/^cve_block_events/m);
    expect(await scrape()).toContain('\ncve_block_events{at="pull"} 0\n');
  });

  it('asks once for scrapes that come one after the other', async () => {
    await scrape();
    await Promise.all([scrape(), scrape()]);

    expect(api.ledgerFigures.calls).toHaveLength(1);
  });

  it('shows the last figures while a large ledger is counted again, and for no longer than a minute', async () => {
    let atMs = Date.parse(NOW);
    const answers: (() => void)[] = [];
    const slow = await createTestApi({
      now: () => new Date(atMs),
      ledgerFigures: {
        count: async (query) => {
          if (answers.length > 0) await new Promise<void>((resolve) => answers.push(resolve));
          else answers.push(() => undefined);
          return api.ledgerFigures.count(query);
        },
      },
    });
    const up = async (): Promise<boolean> => {
      const { body } = await slow.app.inject('/metrics');
      return body.includes('plura_metrics_source_up{source="ledger"} 1');
    };

    const first = await up();
    atMs += 20_000;
    const counting = await up();
    atMs += 60_000;
    const tooOld = await up();
    for (const answer of answers) answer();
    await slow.app.close();

    expect([first, counting, tooOld]).toEqual([true, true, false]);
  }, 15_000);

  it('does not wait for a ledger that hangs', async () => {
    const hanging = await createTestApi({
      ledgerFigures: { count: () => new Promise(() => undefined) },
    });
    const beganMs = Date.now();

    const { body } = await hanging.app.inject('/metrics');
    await hanging.app.close();

    expect(Date.now() - beganMs).toBeLessThan(4000);
    expect(body).toContain('plura_metrics_source_up{source="ledger"} 0');
    expect(body).toContain('plura_api_request_duration_seconds');
  });
});
