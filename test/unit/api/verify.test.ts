import type { Digest } from '../../../src/domain/digest';
import { VERDICTS_PREDICATE_TYPE } from '../../../src/domain/evidence-predicate';
import type { Json } from '../../../src/domain/verdict';
import {
  BUNDLE_ARTIFACT_TYPE,
  KEY_IDS,
  PREDICATE_TYPES,
  type Statement,
} from '../../../src/ports/signer';
import { createTestApi, type TestApi } from '../../support/api-app';
import { CHECKOUT, fakeDigest, LABELS, NOW, releaseStatus } from '../../support/api-fixtures';

const REPO = 'apps/checkout/checkout';
const STABLE = { env: 'prod', tag: 'stable' } as const;
const KEY = KEY_IDS.release(CHECKOUT.region);

let api: TestApi;
let digest: Digest;

beforeEach(async () => {
  api = await createTestApi();
  digest = api.registry.pushImage({ repository: REPO, labels: LABELS });
});

afterEach(async () => {
  await api.app.close();
});

async function attach(
  predicateType: string,
  keyId = KEY,
  subject = digest,
  predicate: Json = {},
): Promise<void> {
  const statement: Statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: [{ digest: { sha256: subject.slice(7) } }],
    predicateType,
    predicate,
  };
  await api.registry.attach({
    subject: { repository: REPO, digest },
    artifactType: BUNDLE_ARTIFACT_TYPE,
    mediaType: BUNDLE_ARTIFACT_TYPE,
    payload: await api.signer.sign(keyId, statement, true),
    annotations: { 'dev.sigstore.bundle.predicateType': predicateType },
  });
}

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly why: string;
  readonly outcomes?: readonly unknown[];
}

async function verify(query: string): Promise<{ ok: boolean; status: number; checks: Check[] }> {
  const token = await api.token('dave', ['viewer']);
  const answer = await api.app.inject({
    url: `/v1/registry/verify?${query}`,
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: answer.statusCode, ...answer.json<{ ok: boolean; checks: Check[] }>() };
}

const failed = (checks: readonly Check[]): readonly string[] =>
  checks.filter((check) => !check.ok).map((check) => check.name);

describe('GET /v1/registry/verify', () => {
  it('holds for what was signed, attested, logged and released', async () => {
    for (const type of Object.values(PREDICATE_TYPES)) await attach(type);
    await api.ledger.saveStatus(releaseStatus({ digest, outcome: 'released' }), 'run', 1);
    await api.pin('checkout', STABLE, digest);
    await api.registry.mount({ repository: REPO, digest }, 'channels/prod/checkout');
    await api.registry.putTag({ repository: 'channels/prod/checkout', digest }, 'stable');

    const { ok, checks } = await verify(`repo=${REPO}&channel=prod:stable`);

    expect(failed(checks)).toEqual([]);
    expect(ok).toBe(true);
    expect(checks.find((check) => check.name === 'signature')?.why).toMatch(/log entry \d+/);
  });

  it('names each thing that is missing', async () => {
    const { ok, checks } = await verify(`repo=${REPO}&digest=${digest}`);

    expect(ok).toBe(false);
    expect(failed(checks)).toEqual(['signature', 'provenance', 'sbom', 'verdicts']);
  });

  it('does not take the signature of another key, or about another digest', async () => {
    await attach(PREDICATE_TYPES.signature, 'release/us-east-1');
    await attach(PREDICATE_TYPES.provenance, KEY, fakeDigest('other'));

    const { checks } = await verify(`repo=${REPO}&digest=${digest}`);

    expect(failed(checks)).toEqual(expect.arrayContaining(['signature', 'provenance']));
  });

  it('sees that someone else moved the tag of a channel', async () => {
    await api.pin('checkout', STABLE, digest);

    const { checks } = await verify(`repo=${REPO}&channel=prod:stable`);

    expect(failed(checks)).toContain('channel');
  });

  it('sees content that is lost, and a digest in bad standing', async () => {
    const { layers } = await api.registry.getManifest({ repository: REPO, digest });
    api.registry.lose({ repository: REPO, digest: layers[0]!.digest });
    await api.ledger.markBad({ digest, svc: 'checkout', reason: 'errors', at: NOW, actor: 'x' });

    const { checks } = await verify(`repo=${REPO}&digest=${digest}`);

    expect(failed(checks)).toEqual(expect.arrayContaining(['content', 'standing']));
  });

  it('is an error, not an answer, when it could not find out', async () => {
    api.registry.fail('REGISTRY_UNAVAILABLE', 1, 'listReferrers');

    expect(await verify(`repo=${REPO}&digest=${digest}`)).toMatchObject({
      status: 503,
      code: 'REGISTRY_UNAVAILABLE',
    });
  });
});

describe('the verdicts that are attested', () => {
  function predicate(over: Record<string, Json> = {}, last = 'pass', at = NOW): Json {
    const common = { subject: 'image', reasons: [], policyHash: 'sha256:p', evidence: {} };
    return {
      release: {
        id: 'checkout/1.4.0_abc1234',
        svc: 'checkout',
        repository: REPO,
        version: '1.4.0',
        revision: 'abc1234',
        runId: 'run-1',
      },
      digest,
      verdicts: [
        { ...common, gate: 'build', outcome: 'pass', at },
        { ...common, gate: 'canary', subject: '25 %', outcome: last, at },
      ],
      ...over,
    };
  }

  const attest = (value: Json, keyId = KEY, subject = digest): Promise<void> =>
    attach(VERDICTS_PREDICATE_TYPE, keyId, subject, value);
  const evidence = async (query = ''): Promise<Check | undefined> => {
    const { checks } = await verify(`repo=${REPO}&digest=${digest}${query}`);
    return checks.find(({ name }) => name === 'evidence');
  };

  it('hold when the release key signed them about this digest in this repository', async () => {
    await attest(predicate());

    expect(await evidence()).toEqual({
      name: 'evidence',
      ok: true,
      why: expect.stringMatching(/^2 of 2 verdicts pass; signed by .*, log entry \d+$/) as string,
      outcomes: [
        { gate: 'build', subject: 'image', outcome: 'pass' },
        { gate: 'canary', subject: '25 %', outcome: 'pass' },
      ],
    });
  });

  it('may be missing, unless they are required', async () => {
    const why = 'no verdicts are attested, as with early releases';

    expect(await evidence()).toEqual({ name: 'evidence', ok: true, why });
    expect(await evidence('&requireVerdicts=true')).toEqual({ name: 'evidence', ok: false, why });
  });

  it.each<[string, () => Promise<void>, string]>([
    ['another key signed them', () => attest(predicate(), 'release/us-east-1'), 'signature'],
    [
      'their statement is about another digest',
      () => attest(predicate(), KEY, fakeDigest('other')),
      'not about',
    ],
    [
      'they are about another repository',
      () => {
        const { release } = predicate() as { readonly release: Record<string, Json> };
        return attest(predicate({ release: { ...release, repository: 'apps/cart/cart' } }));
      },
      'apps/cart/cart',
    ],
    [
      'they are about another digest',
      () => attest(predicate({ digest: fakeDigest('other') })),
      fakeDigest('other'),
    ],
    ['they are malformed', () => attest({ verdicts: 'all fine' }), 'malformed'],
    ['not all of them passed', () => attest(predicate({}, 'fail')), '1 of 2'],
  ])('do not hold when %s', async (_name, arrange, words) => {
    await arrange();

    const found = await evidence();

    expect(found).toMatchObject({ name: 'evidence', ok: false });
    expect(found?.why).toContain(words);
  });

  it('are the last ones where the release was attested again', async () => {
    await attest(predicate({}, 'pass', '2026-03-01T12:00:02.000Z'));
    await attest(predicate({}, 'fail', '2026-03-01T12:00:01.000Z'));

    expect(await evidence()).toMatchObject({ ok: true });
  });
});
