import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, NOW } from '../../support/api-fixtures';
import { record, REPO } from './inventory-fixtures';

const A = fakeDigest('a');
const B = fakeDigest('b');

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
  await record(api, { digest: A, tag: '1.0.0_aaaaaaa' });
  await record(api, { digest: B, tag: '1.1.0_bbbbbbb' });
});

afterEach(async () => {
  await api.app.close();
});

async function get(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
  const answer = await api.app.inject({
    url: `/v1/registry/${path}`,
    headers: { authorization: `Bearer ${await api.token('dave', ['viewer'])}` },
  });
  return { status: answer.statusCode, body: answer.json() };
}

async function quarantine(digest: typeof A): Promise<void> {
  const entry = { digest, reason: 'incident', cves: [], actor: 'erin', at: NOW };
  await api.quarantine.add({ ...entry, graceUntil: null, expiresAt: null });
}

describe('GET /v1/registry/tags', () => {
  it('lists the tags of a repository, quarantined ones marked', async () => {
    await quarantine(B);

    const { body } = await get(`tags?repository=${REPO}`);

    expect(body).toEqual({
      repository: REPO,
      tags: [
        {
          repository: REPO,
          tag: '1.0.0_aaaaaaa',
          digest: A,
          pushedBy: 'builder',
          pushedAt: NOW,
          lastPulledAt: null,
          writeOnce: true,
          block: null,
        },
        expect.objectContaining({
          tag: '1.1.0_bbbbbbb',
          block: expect.objectContaining({ cause: B, reason: 'incident' }) as unknown,
        }),
      ],
      next: null,
    });
  });

  it('can be walked page by page', async () => {
    const first = await get(`tags?repository=${REPO}&limit=1`);
    const second = await get(`tags?repository=${REPO}&limit=1&after=${String(first.body['next'])}`);

    expect(first.body).toMatchObject({ tags: [{ tag: '1.0.0_aaaaaaa' }], next: '1.0.0_aaaaaaa' });
    expect(second.body).toMatchObject({ tags: [{ tag: '1.1.0_bbbbbbb' }], next: null });
  });

  it('is empty for a repository that holds no tag', async () => {
    await record(api, { digest: A, repository: 'apps/cart/cart' });

    expect((await get('tags?repository=apps/cart/cart')).body).toMatchObject({ tags: [] });
  });

  it.each([
    ['a repository that is not there', 'apps/cart/cart', 404, 'REPOSITORY_NOT_FOUND'],
    ['a name that is none', 'Apps//X', 400, 'INVALID_INPUT'],
  ])('refuses %s', async (_case, repository, status, code) => {
    expect(await get(`tags?repository=${repository}`)).toMatchObject({ status, body: { code } });
  });
});

describe('GET /v1/registry/tags/{tag}', () => {
  it('shows one', async () => {
    const { body } = await get(`tags/1.0.0_aaaaaaa?repository=${REPO}`);

    expect(body).toMatchObject({
      tag: '1.0.0_aaaaaaa',
      digest: A,
      pushedBy: 'builder',
      block: null,
    });
  });

  it('is TAG_NOT_FOUND for one that is not there', async () => {
    expect(await get(`tags/9.9.9_aaaaaaa?repository=${REPO}`)).toMatchObject({
      status: 404,
      body: { code: 'TAG_NOT_FOUND' },
    });
  });
});

describe('GET /v1/registry/events', () => {
  it('lists the newest first, of one kind when asked', async () => {
    const event = { repository: REPO, reference: 'x', actor: 'runtime', at: NOW };
    await api.inventory.recordEvent({
      ...event,
      kind: 'push-refused',
      detail: { rule: 'no-latest' },
    });
    await api.inventory.recordEvent({
      ...event,
      kind: 'pull-blocked',
      detail: { times: 3, cves: ['a'] },
    });

    const all = await get('events');
    const blocked = await get('events?kind=pull-blocked&limit=5');

    expect(all.body).toMatchObject({
      events: [{ kind: 'pull-blocked' }, { kind: 'push-refused' }],
    });
    expect(blocked.body).toEqual({
      events: [{ ...event, kind: 'pull-blocked', detail: { times: 3, cves: ['a'] } }],
    });
  });

  it('refuses a kind that is none', async () => {
    expect(await get('events?kind=lunch')).toMatchObject({ status: 400 });
  });
});
