import type { Role } from '../../../src/domain/actor';
import type { ReleaseStatus } from '../../../src/domain/release';
import { createTestApi, type TestApi } from '../../support/api-app';
import { LABELS, NOW, releaseStatus } from '../../support/api-fixtures';
import { startedBy } from '../../support/fakes/orchestrator';

const REPO = 'apps/checkout/checkout';
const SOURCE = { path: 'checkout', version: '1.4.0', revision: 'abc1234' };
const RELEASE = '/v1/registry/releases/checkout/1.4.0_abc1234';
const BOB = 'Bob <bob@example.com>';
const AUTHORS = { known: true, authors: [{ who: BOB, from: 'label plura.commit_author' }] };

let api: TestApi;

beforeEach(async () => {
  api = await createTestApi();
});

afterEach(async () => {
  await api.app.close();
});

async function post(
  who: string,
  role: Role,
  url: string,
  payload: Record<string, unknown>,
): Promise<{ status: number; body: Record<string, unknown> }> {
  const token = await api.token(who, [role]);
  const headers = { authorization: `Bearer ${token}` };
  const answer = await api.app.inject({ method: 'POST', url, headers, payload });
  return { status: answer.statusCode, body: answer.json() };
}

const waiting = (over: Partial<ReleaseStatus> = {}): Promise<void> =>
  api.ledger.saveStatus(releaseStatus({ stage: 'approval', ...over }), 'run', 1);

describe('who may approve', () => {
  it.each([
    ['bob', { authors: AUTHORS }, 'approver differs from commit author', 'wrote the commit'],
    ['Rita@x.example', {}, 'approver differs from requester', 'asked for the release'],
  ])('does not include %s, nor gives them a token', async (who, over, rule, words) => {
    await waiting(over);

    const approve = await post(who, 'approver', `${RELEASE}/approve`, {});
    const token = await post(who, 'approver', `${RELEASE}/decision-token`, { action: 'approve' });

    for (const { status, body } of [approve, token]) {
      expect(status).toBe(403);
      expect(body).toMatchObject({ code: 'FORBIDDEN', details: { rule } });
      expect(body['detail']).toContain(words);
    }
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('does not include a role that the policy does not name', async () => {
    await waiting();

    const { status, body } = await post('eva', 'admin', `${RELEASE}/approve`, {});

    expect(status).toBe(403);
    expect(body).toMatchObject({ details: { rule: 'role' } });
  });

  it('may abort though they may not approve', async () => {
    await waiting({ authors: AUTHORS });

    const order = { reason: 'wrong commit' };
    expect(await post('bob', 'operator', `${RELEASE}/abort`, order)).toMatchObject({ status: 200 });
  });

  it('is left to the workflow where the release goes by another policy', async () => {
    await waiting({ authors: AUTHORS, policyHash: 'sha256:earlier' });

    const author = await post('bob', 'approver', `${RELEASE}/approve`, {});
    const requester = await post('RITA', 'approver', `${RELEASE}/approve`, {});

    expect([author.status, requester.status]).toEqual([200, 403]);
  });

  it('is shown with the release', async () => {
    await waiting({ authors: AUTHORS });

    const headers = { authorization: `Bearer ${await api.token('dave', ['viewer'])}` };
    const answer = await api.app.inject({ url: RELEASE, headers });

    expect(answer.json()).toMatchObject({ authors: AUTHORS });
  });
});

describe('the author of a build', () => {
  const promote = (source: Record<string, unknown>, plan = false) =>
    post('rita', 'releaser', '/v1/registry/promote', { repo: REPO, source, plan });
  const order = (): unknown =>
    api.orchestrator.calls.find(({ method }) => method === 'submitRelease')?.args[0];

  it('travels with the release', async () => {
    await promote({ ...SOURCE, author: ` ${BOB} ` });

    expect(order()).toMatchObject({ author: BOB });
  });

  it('is left out where nobody names one', async () => {
    await promote(SOURCE);

    expect(order()).not.toHaveProperty('author');
  });

  it.each([
    ['is empty', '  '],
    ['has more than a line', 'bob\n--label x=y'],
    ['is too long', 'b'.repeat(321)],
    ['is no text', 7],
  ])('is refused when it %s', async (_name, author) => {
    expect(await promote({ ...SOURCE, author })).toMatchObject({
      status: 400,
      body: { code: 'INVALID_INPUT', field: 'source.author' },
    });
  });

  it('is named among those who may not approve', async () => {
    const { body } = await promote({ ...SOURCE, author: BOB }, true);

    expect(body).toMatchObject({ approvals: { excluded: ['rita', BOB] } });
  });

  it('is read from the labels of a digest', async () => {
    const labels = { ...LABELS, 'plura.commit_author': BOB };
    const digest = api.registry.pushImage({ repository: REPO, labels });

    const body = { repo: REPO, digest, plan: true };
    const plan = await post('rita', 'releaser', '/v1/registry/promote', body);

    expect(plan.body).toMatchObject({ approvals: { excluded: ['rita', BOB] } });
  });
});

describe('a plan while something is closed', () => {
  const plan = (): Promise<{ body: Record<string, unknown> }> =>
    post('rita', 'releaser', '/v1/registry/promote', { repo: REPO, source: SOURCE, plan: true });

  it('names each edge at which the release would wait now', async () => {
    await api.freezes.add({
      name: 'audit',
      scope: { svc: 'checkout', environments: ['prod'] },
      schedule: {
        kind: 'once',
        from: '2026-03-01T00:00:00.000Z',
        to: '2026-03-02T00:00:00.000Z',
        timeZone: null,
      },
      reason: 'the auditors are here',
      createdBy: 'carol',
      createdAt: NOW,
    });

    const { body } = await plan();

    const audit = { name: 'audit', by: 'carol', reason: 'the auditors are here' };
    expect(body['freezes']).toMatchObject([
      { env: 'prod', edge: 'traffic', until: '2026-03-02T00:00:00.000Z', ...audit },
      { env: 'prod', edge: 'pin', until: '2026-03-02T00:00:00.000Z', ...audit },
    ]);
    expect(body).toMatchObject({ possible: true });
  });

  it('names none when all is open', async () => {
    expect((await plan()).body['freezes']).toEqual([]);
  });
});
