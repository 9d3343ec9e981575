import type { ReleaseOutcome, ReleaseStep } from '../../../src/domain/release';
import { createTestApi, type TestApi } from '../../support/api-app';
import { NOW, releaseStatus } from '../../support/api-fixtures';

const URL = '/v1/registry/turnaround';

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

async function get(url: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const token = await api.token('dave', ['viewer']);
  const answer = await api.app.inject({ url, headers: { authorization: `Bearer ${token}` } });
  return { status: answer.statusCode, body: answer.json() };
}

/** Asked for an hour before now; canary for so many minutes, then done. */
async function saveRelease(
  svc: string,
  version: string,
  minutes: number,
  outcome: ReleaseOutcome = 'released',
): Promise<void> {
  const requestedAt = '2026-03-01T11:00:00.000Z';
  const endedAt = new Date(Date.parse(requestedAt) + minutes * 60_000).toISOString();
  const step: ReleaseStep = {
    stage: 'canary',
    title: 'canary 5 %',
    state: 'done',
    startedAt: requestedAt,
    endedAt,
  };
  const releaseId = `${svc}/${version}`;
  const status = releaseStatus({ releaseId, svc, requestedAt, endedAt, outcome, steps: [step] });
  await api.ledger.saveStatus(status, `run of ${releaseId}`, 1);
}

describe('GET turnaround', () => {
  it('answers p50 and p95 by service, the slowest first', async () => {
    await saveRelease('cart', '1.0.0_a', 5);
    await saveRelease('checkout', '1.0.0_a', 10);
    await saveRelease('checkout', '1.1.0_a', 30);
    await saveRelease('checkout', '1.2.0_a', 40, 'rejected');

    const { body } = await get(URL);

    const minute = 60_000;
    expect(body).toMatchObject({
      days: 30,
      since: '2026-01-30T12:00:00.000Z',
      truncated: false,
      services: [
        {
          svc: 'checkout',
          releases: 2,
          notReleased: 1,
          total: { p50Ms: 10 * minute, p95Ms: 30 * minute },
          topBlocker: 'canary',
        },
        { svc: 'cart', releases: 1, notReleased: 0 },
      ],
    });
  });

  it('tells apart what was tried again', async () => {
    await saveRelease('cart', '1.0.0_a', 10);
    await saveRelease('cart', '1.1.0_a', 10, 'rejected');
    const retry = { runId: 'run', activityId: '7', attempt: 4 };
    const [from, to] = ['2026-03-01T11:02:00.000Z', '2026-03-01T11:06:00.000Z'];
    await api.ledger.recordRetry({ ...retry, releaseId: 'cart/1.0.0_a', from, to });
    await api.ledger.recordRetry({ ...retry, releaseId: 'cart/1.1.0_a', runId: 'other', from, to });

    const { body } = await get(URL);

    const [cart] = body['services'] as { readonly parts: readonly { readonly part: string }[] }[];
    const parts = cart!.parts.filter(({ part }) => part === 'retry' || part === 'canary');
    expect(parts).toEqual([
      { part: 'canary', p50Ms: 360_000, p95Ms: 360_000, share: 0.6 },
      { part: 'retry', p50Ms: 240_000, p95Ms: 240_000, share: 0.4 },
    ]);
  });

  it('answers one service, and only what was asked for in the time given', async () => {
    await saveRelease('cart', '1.0.0_a', 5);
    await saveRelease('checkout', '1.0.0_a', 10);

    const { body } = await get(`${URL}?svc=cart&days=1`);

    expect(body).toMatchObject({
      since: new Date(Date.parse(NOW) - 86_400_000).toISOString(),
      services: [{ svc: 'cart' }],
    });
  });

  it('answers no services where nothing has ended', async () => {
    await api.ledger.saveStatus(releaseStatus(), 'run', 1);

    expect(await get(URL)).toMatchObject({ status: 200, body: { services: [] } });
  });

  it.each([
    ['?days=0', 400],
    ['?days=367', 400],
    ['?svc=nope', 404],
  ])('refuses %s', async (query, status) => {
    expect(await get(URL + query)).toMatchObject({ status });
  });
});
