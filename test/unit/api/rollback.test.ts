import { revertKeySecret, revertKeySecretHash } from '../../../src/contract/schema/revert-key';
import type { Role } from '../../../src/domain/actor';
import type { Digest } from '../../../src/domain/digest';
import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, LABELS, NOW, releaseStatus } from '../../support/api-fixtures';
import { startedBy } from '../../support/fakes/orchestrator';

const REPO = 'apps/checkout/checkout';
const STABLE = { env: 'prod', tag: 'stable' } as const;

let api: TestApi;
let oldest: Digest;
let previous: Digest;
let current: Digest;

beforeEach(async () => {
  api = await createTestApi();
  const push = (seed: string): Digest =>
    api.registry.pushImage({ repository: REPO, labels: LABELS, layers: [Buffer.from(seed)] });
  oldest = push('oldest');
  previous = push('previous');
  current = push('current');
  for (const digest of [oldest, previous, current]) await api.pin('checkout', STABLE, digest);
  api.orchestrator.endRollbacksWith({
    svc: 'checkout',
    from: current,
    to: previous,
    reason: 'errors',
    durationMs: 400,
    preempted: null,
    held: true,
  });
});

afterEach(async () => {
  await api.app.close();
});

async function rollback(
  body: Record<string, unknown>,
  roles: readonly Role[] = ['operator'],
  headers: Record<string, string> = {},
): Promise<{ status: number; body: Record<string, unknown> }> {
  const token = await api.token('carol', roles);
  const answer = await api.app.inject({
    method: 'POST',
    url: '/v1/registry/rollback',
    headers: { authorization: `Bearer ${token}`, ...headers },
    payload: { repo: REPO, reason: 'errors', ...body },
  });
  return { status: answer.statusCode, body: answer.json() };
}

function asked(): unknown {
  return api.orchestrator.calls.find((call) => call.method === 'rollBack')?.args[0];
}

/** As the pin of a release issues it. */
async function issueKey(over: { expiresAt?: string; from?: Digest } = {}): Promise<string> {
  const secret = await revertKeySecret((id, data) => api.deps.kms.mac(id, data), 'checkout/3-key');
  await api.ledger.issueRevertKey(
    {
      keyId: 'checkout/3-key',
      svc: 'checkout',
      from: over.from ?? current,
      to: previous,
      expiresAt: over.expiresAt ?? '2026-03-02T12:00:00.000Z',
    },
    revertKeySecretHash(secret),
  );
  return secret;
}

describe('POST /v1/registry/rollback', () => {
  it('goes back to the previous stable digest and waits for the end', async () => {
    const { status, body } = await rollback({});

    expect(status).toBe(200);
    expect(body).toMatchObject({ from: current, to: previous, durationMs: 400, held: true });
    expect(asked()).toMatchObject({
      target: { kind: 'previous' },
      actor: { subject: 'carol' },
      reason: 'errors',
      requestedAt: NOW,
    });
  });

  it('goes back to a named digest', async () => {
    expect(await rollback({ to: `prod:stable@${oldest}` })).toMatchObject({ status: 200 });
    expect(asked()).toMatchObject({ target: { kind: 'digest', digest: oldest } });
  });

  it('goes back by a revert key, which a releaser may hold', async () => {
    const revertKey = await issueKey();

    expect(await rollback({ revertKey }, ['releaser'])).toMatchObject({ status: 200 });
    expect(asked()).toMatchObject({ target: { kind: 'revert-key', keyId: 'checkout/3-key' } });
  });

  it('answers a repeated request as it did the first time', async () => {
    const revertKey = await issueKey();
    const headers = { 'idempotency-key': 'incident-1' };

    const first = await rollback({ revertKey }, ['operator'], headers);
    await api.ledger.useRevertKey('checkout/3-key', 'rollback/checkout/1', NOW);
    const second = await rollback({ revertKey }, ['operator'], headers);
    const other = await rollback({ revertKey }, ['operator'], { 'idempotency-key': 'incident-2' });

    expect(second).toEqual(first);
    expect(other).toMatchObject({ status: 403, body: { code: 'REVERT_KEY_INVALID' } });
    expect(startedBy(api.orchestrator)).toEqual(['rollBack']);
  });

  it('is for operators without a key', async () => {
    expect(await rollback({}, ['releaser'])).toMatchObject({
      status: 403,
      body: { code: 'FORBIDDEN' },
    });
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it.each<[string, () => Promise<string>, string]>([
    ['is unknown', () => Promise.resolve('ab'.repeat(32)), 'No such'],
    ['has expired', () => issueKey({ expiresAt: '2026-03-01T11:00:00.000Z' }), 'expired'],
    ['is of an earlier pin', () => issueKey({ from: fakeDigest('x') }), 'no longer'],
    [
      'was used',
      async () => {
        const secret = await issueKey();
        await api.ledger.useRevertKey('checkout/3-key', 'rollback/checkout/1', NOW);
        return secret;
      },
      'was used',
    ],
  ])('refuses a revert key that %s', async (_name, key, why) => {
    const { status, body } = await rollback({ revertKey: await key() });

    expect(status).toBe(403);
    expect(body).toMatchObject({ code: 'REVERT_KEY_INVALID', field: 'revertKey' });
    expect(body['detail']).toContain(why);
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it.each<[string, () => Record<string, unknown>, string, string]>([
    [
      'a digest that never was stable',
      () => ({ to: `prod:stable@${fakeDigest('x')}` }),
      'NO_ROLLBACK_TARGET',
      'to',
    ],
    [
      'the digest that is stable now',
      () => ({ to: `prod:stable@${current}` }),
      'NO_ROLLBACK_TARGET',
      'to',
    ],
    ['another channel', () => ({ to: 'stg:candidate' }), 'INVALID_INPUT', 'to'],
    ['a malformed digest', () => ({ to: 'prod:stable@sha256:1' }), 'INVALID_INPUT', 'to'],
    ['latest', () => ({ to: 'prod:latest' }), 'LATEST_REFUSED', 'to'],
    ['an unknown service', () => ({ repo: 'apps/nope/nope' }), 'UNKNOWN_SERVICE', 'repo'],
    [
      'a service that was never pinned',
      () => ({ repo: 'apps/cart/cart' }),
      'NO_ROLLBACK_TARGET',
      'repo',
    ],
    ['no reason', () => ({ reason: ' ' }), 'INVALID_INPUT', 'reason'],
    [
      'a key and a digest',
      () => ({ to: `prod:stable@${oldest}`, revertKey: 'x' }),
      'INVALID_INPUT',
      'to',
    ],
  ])('refuses %s and moves nothing', async (_name, input, code, field) => {
    const { body } = await rollback(input());

    expect(body).toMatchObject({ code, field });
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('refuses a target that is quarantined, bad, or gone from the registry', async () => {
    const to = `prod:stable@${oldest}`;
    api.ledger.quarantined.add(oldest);
    const quarantined = await rollback({ to });
    api.ledger.quarantined.delete(oldest);
    const bad = { digest: oldest, svc: 'checkout', reason: 'x', at: NOW, actor: 'y' };
    await api.ledger.markBad(bad);
    const remembered = await rollback({ to });
    await api.ledger.releaseBad('checkout', oldest, 'x', 'y', NOW);
    api.registry.lose({ repository: REPO, digest: oldest });
    const gone = await rollback({ to });

    expect(quarantined.body).toMatchObject({ code: 'QUARANTINED', field: 'to' });
    expect(remembered.body).toMatchObject({ code: 'BAD_DIGEST', field: 'to' });
    expect(gone.body).toMatchObject({ code: 'DIGEST_NOT_FOUND', field: 'to' });
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('plans past digests that are remembered as bad, without an effect', async () => {
    const bad = { digest: previous, svc: 'checkout', reason: 'x', at: NOW, actor: 'y' };
    await api.ledger.markBad(bad);
    const running = { releaseId: 'checkout/1.5.0_abc1234', requestedBy: 'rita', requestedAt: NOW };
    const lane = { svc: 'checkout', epoch: 3, running, queued: [], hold: null };
    api.orchestrator.lanes.set('checkout', { ...lane, rollbackRunning: false });

    const { body } = await rollback({ plan: true });

    expect(body).toEqual({
      svc: 'checkout',
      from: current,
      to: oldest,
      preempts: running.releaseId,
      holdsLane: true,
      possible: true,
      problems: [],
    });
    expect(startedBy(api.orchestrator)).toEqual([]);
  });
});

describe('GET revert-key', () => {
  async function reveal(
    roles: readonly Role[],
  ): Promise<{ statusCode: number; json: () => unknown }> {
    const token = await api.token('carol', roles);
    return api.app.inject({
      url: '/v1/registry/releases/checkout/1.4.0_abc1234/revert-key',
      headers: { authorization: `Bearer ${token}` },
    });
  }

  it('shows operators the secret that rolls back this pin', async () => {
    const secret = await issueKey();
    const status = releaseStatus({ outcome: 'released', revertKeyId: 'checkout/3-key' });
    await api.ledger.saveStatus(status, 'run', 1);

    const answer = await reveal(['operator']);

    expect(answer.json()).toMatchObject({ revertKey: secret, from: current, to: previous });
  });

  it('says so when a release has none', async () => {
    await api.ledger.saveStatus(releaseStatus(), 'run', 1);

    expect((await reveal(['operator'])).json()).toMatchObject({ code: 'NOT_WAITING' });
  });
});
