import { createTestApi, type TestApi } from '../../support/api-app';
import { fakeDigest, NOW, releaseStatus } from '../../support/api-fixtures';
import { startedBy } from '../../support/fakes/orchestrator';
import { promote, push, REPO, SOURCE } from './promote-fixtures';

let api: TestApi;
let rita: string;

beforeEach(async () => {
  api = await createTestApi();
  rita = await api.token('rita', ['releaser']);
});

afterEach(async () => {
  await api.app.close();
});

describe('POST /v1/registry/promote refused', () => {
  it.each<[string, unknown, number, string, string]>([
    [
      'an unknown service',
      { repo: 'apps/nope/nope', source: SOURCE },
      404,
      'UNKNOWN_SERVICE',
      'repo',
    ],
    [
      'a repository that is none',
      { repo: 'checkout', source: SOURCE },
      400,
      'INVALID_INPUT',
      'repo',
    ],
    ['the tag latest', { repo: `${REPO}:latest`, source: SOURCE }, 422, 'LATEST_REFUSED', 'repo'],
    ['latest as a digest', { repo: REPO, digest: 'latest' }, 422, 'LATEST_REFUSED', 'digest'],
    [
      'latest as a version',
      { repo: REPO, source: { ...SOURCE, version: 'latest' } },
      422,
      'LATEST_REFUSED',
      'source.version',
    ],
    ['a malformed digest', { repo: REPO, digest: 'sha256:123' }, 400, 'INVALID_INPUT', 'digest'],
    [
      'a digest that is not there',
      { repo: REPO, digest: fakeDigest('gone') },
      404,
      'DIGEST_NOT_FOUND',
      'digest',
    ],
    [
      'a version that is none',
      { repo: REPO, source: { ...SOURCE, version: '1.4' } },
      400,
      'INVALID_INPUT',
      'source.version',
    ],
    [
      'a revision that is none',
      { repo: REPO, source: { ...SOURCE, revision: 'main' } },
      400,
      'INVALID_INPUT',
      'source.revision',
    ],
    [
      'a folder that is not there',
      { repo: REPO, source: { ...SOURCE, path: 'nope' } },
      404,
      'SOURCE_NOT_FOUND',
      'source.path',
    ],
    ['nothing to promote', { repo: REPO }, 400, 'INVALID_INPUT', 'digest'],
    [
      'two things to promote',
      { repo: REPO, digest: fakeDigest('a'), source: SOURCE },
      400,
      'INVALID_INPUT',
      'source',
    ],
    [
      'another target',
      { repo: REPO, to: 'stg:stable', source: SOURCE },
      400,
      'INVALID_INPUT',
      'to',
    ],
    ['an empty channel', { repo: REPO, from: 'dev:candidate' }, 400, 'INVALID_INPUT', 'from'],
    [
      'a channel that is none',
      { repo: REPO, from: 'moon:candidate' },
      400,
      'INVALID_INPUT',
      'from',
    ],
    [
      'a field that is not known',
      { repo: REPO, source: SOURCE, force: true },
      400,
      'INVALID_INPUT',
      'body',
    ],
    ['a field of the wrong type', { repo: 7, source: SOURCE }, 400, 'INVALID_INPUT', 'repo'],
  ])('refuses %s by name and starts nothing', async (_name, input, status, code, field) => {
    const answer = await promote(api, rita, input);

    expect(answer).toMatchObject({ status, body: { code, field, status } });
    expect(answer.type).toBe('application/problem+json');
    expect(answer.body['remedy']).toEqual(expect.any(String));
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('refuses a body that is not JSON, or too large', async () => {
    const inject = (payload: string): Promise<{ statusCode: number; json: () => unknown }> =>
      api.app.inject({
        method: 'POST',
        url: '/v1/registry/promote',
        headers: { authorization: `Bearer ${rita}`, 'content-type': 'application/json' },
        payload,
      });

    const broken = await inject('{');
    const large = await inject(JSON.stringify({ repo: 'x'.repeat(300 * 1024) }));

    expect(broken.json()).toMatchObject({ code: 'INVALID_INPUT', field: 'body' });
    expect(large.json()).toMatchObject({ code: 'INVALID_INPUT', field: 'body' });
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it.each([
    [
      'an unlisted base',
      'FROM scratch AS a\nFROM docker.io/library/node:24',
      'BASE_REFUSED',
      'allow-list',
    ],
    ['an unsigned base', 'FROM bases/static AS a\nFROM bases/static', 'BASE_REFUSED', 'signature'],
    [
      'a COPY from outside',
      'FROM scratch\nFROM scratch\nCOPY --from=evil / /',
      'BASE_REFUSED',
      'evil',
    ],
    ['the tag latest', 'FROM bases/static:latest\nFROM scratch', 'LATEST_REFUSED', 'latest'],
    ['a base by variable', 'ARG B=x\nFROM $B\nFROM scratch', 'BASE_REFUSED', '"x" is not on'],
    [
      'a foreign frontend',
      '# syntax=evil/x\nFROM scratch\nFROM scratch',
      'BUILD_REFUSED',
      'frontend',
    ],
    [
      'a foreign frontend behind #!',
      '#!x\n# syntax=evil/x\nFROM scratch\nFROM scratch',
      'BUILD_REFUSED',
      'evil/x',
    ],
    ['a single stage', 'FROM scratch', 'BUILD_REFUSED', 'single stage'],
    ['the user root', 'FROM scratch\nFROM scratch\nUSER 00', 'BUILD_REFUSED', 'root'],
  ])('refuses a build with %s at the edge', async (_name, dockerfile, code, why) => {
    await api.app.close();
    api = await createTestApi({
      sources: { inspect: (path) => Promise.resolve({ path, dockerfile }) },
    });
    rita = await api.token('rita', ['releaser']);

    const { status, body } = await promote(api, rita, { repo: REPO, source: SOURCE });

    expect(status).toBe(422);
    expect(body).toMatchObject({ code, field: 'source.path' });
    expect(body['detail']).toContain(why);
    expect(startedBy(api.orchestrator)).toEqual([]);
  });

  it('refuses a digest that is remembered as bad, until it is released explicitly', async () => {
    const digest = push(api);
    const bad = { digest, svc: 'checkout', reason: 'errors in canary', at: NOW, actor: 'system' };
    await api.ledger.markBad(bad);
    const erin = await api.token('erin', ['security']);

    const refused = await promote(api, rita, { repo: REPO, digest });
    const released = await api.app.inject({
      method: 'POST',
      url: `/v1/registry/digests/${digest}/release`,
      headers: { authorization: `Bearer ${erin}` },
      payload: { svc: 'checkout', reason: 'the load test was at fault' },
    });
    const accepted = await promote(api, rita, { repo: REPO, digest });

    expect(refused).toMatchObject({ status: 409, body: { code: 'BAD_DIGEST', field: 'digest' } });
    expect(refused.body['remedy']).toContain('plura reg unblock checkout');
    expect(released.json()).toEqual({ svc: 'checkout', digest, released: true });
    expect(api.ledger.audit).toMatchObject([
      { actor: 'rita', action: 'release.request' },
      { actor: 'erin', action: 'digest.unblock' },
    ]);
    expect(accepted.status).toBe(202);
  });

  it('refuses a quarantined digest', async () => {
    const digest = push(api);
    api.ledger.quarantined.add(digest);

    expect(await promote(api, rita, { repo: REPO, digest })).toMatchObject({
      status: 409,
      body: { code: 'QUARANTINED' },
    });
  });

  it('refuses to give a released version to another digest', async () => {
    const released = fakeDigest('other');
    await api.ledger.saveStatus(releaseStatus({ digest: released, outcome: 'released' }), 'r', 1);

    const { status, body } = await promote(api, rita, { repo: REPO, digest: push(api) });

    expect(status).toBe(409);
    expect(body).toMatchObject({ code: 'TAG_TAKEN', field: 'digest' });
    expect(startedBy(api.orchestrator)).toEqual([]);
  });
});
