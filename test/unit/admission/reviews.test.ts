import { signatureStatement } from '../../../activities/bundles';
import type { RevokedKey } from '../../../src/domain/key-revocations';
import type { ImageRef } from '../../../src/domain/reference';
import { deploymentOf, pod, podOf } from '../../support/admission-pods';
import {
  blockOf,
  createAdmissionWorld,
  HOST,
  nameOf,
  type AdmissionWorld,
  type ReleasedInput,
} from '../../support/admission-world';
import { fakeDigest } from '../../support/api-fixtures';
import { reviewIn, rulesOf } from '../../support/admission-review';
import { coveredEvidence, coveredFinding, grantedOf } from '../../support/exceptions';

let world: AdmissionWorld;
let good: ImageRef;

beforeEach(async () => {
  world = await createAdmissionWorld();
  good = await world.release();
});

const review = reviewIn(() => world);
const rulesFor = rulesOf(review);

const DIGEST = `@${fakeDigest('nothing')}`;
const ASKED = { annotations: { 'plura.reg/break-glass': 'incident 4711, the registry is down' } };
const REVOKED: RevokedKey = {
  keyId: 'release/eu-west-1',
  version: '1',
  publicKey: 'pem',
  revokedAt: '2026-03-01T12:00:00.000Z',
  trustedBefore: null,
  reason: 'stolen',
  by: 'erin',
};
const SRE = { userInfo: { username: 'sam', groups: ['sre'] } };

describe('names of images', () => {
  it.each([
    [`${HOST}/apps/checkout/checkout:1.4.0_abc1234`, 'digest-form'],
    [`${HOST}/apps/checkout/checkout:latest`, 'digest-form'],
    [`${HOST}/apps/checkout/checkout`, 'digest-form'],
    ['nginx', 'registry-name'],
    [`nginx${DIGEST}`, 'registry-name'],
    [`docker.io/library/nginx${DIGEST}`, 'registry-name'],
    [`apps/checkout/checkout${DIGEST}`, 'registry-name'],
    [`${HOST}.evil.example/apps/checkout/checkout${DIGEST}`, 'reference'],
    [`registry.test.evil.example:5080/apps/checkout/checkout${DIGEST}`, 'registry-name'],
    [`registry.test/apps/checkout/checkout${DIGEST}`, 'registry-name'],
    [`registry.test:5080@evil.example/apps/checkout/checkout${DIGEST}`, 'reference'],
    [`${HOST}/apps/checkout/checkout@sha256:abc`, 'reference'],
    [`${HOST}/apps/checkout/../cart${DIGEST}`, 'reference'],
    [`${HOST}/Apps/checkout/checkout${DIGEST}`, 'reference'],
    ['', 'reference'],
    [' ', 'reference'],
    [`${HOST}/scratch/tool${DIGEST}`, 'repository'],
    [`${HOST}/charts/checkout${DIGEST}`, 'repository'],
    [`${HOST}/apps/checkout/checkout${DIGEST}`, 'released'],
  ])('refuses "%s" by the rule %s', async (image, rule) => {
    expect(await rulesFor(podOf(image))).toContain(rule);
  });

  it.each(['registry.test:5080', 'registry.alias', 'REGISTRY.alias'])(
    'takes the registry by its name %s',
    async (host) => {
      expect(await rulesFor(podOf(nameOf(good, host)))).toEqual([]);
    },
  );

  it('takes a tag beside the digest', async () => {
    const image = `${HOST}/${good.repository}:1.4.0_abc1234@${good.digest}`;

    expect(await rulesFor(podOf(image))).toEqual([]);
  });
});

describe('places of images', () => {
  const bad = `${HOST}/apps/checkout/checkout${DIGEST}`;

  it.each([
    ['a container', { containers: [{ name: 'a', image: bad }] }],
    ['an init container', { initContainers: [{ name: 'a', image: bad }] }],
    ['an ephemeral container', { ephemeralContainers: [{ name: 'a', image: bad }] }],
    ['an image volume', { volumes: [{ name: 'a', image: { reference: bad } }] }],
  ])('refuses one in %s', async (_what, spec) => {
    const whole = { containers: [{ name: 'web', image: nameOf(good) }], ...spec };

    expect(await rulesFor(pod(whole))).toContain('released');
  });

  it('refuses one in a Deployment', async () => {
    expect(await rulesFor(deploymentOf(bad))).toContain('released');
  });

  it('names each of them, and what to do', async () => {
    const object = pod({
      containers: [{ name: 'web', image: bad }],
      initContainers: [{ name: 'init', image: 'nginx' }],
    });

    const { response } = await review(object);

    const lines = response.status?.message.split('\n') ?? [];
    expect(lines).toHaveLength(8);
    expect(lines[0]).toBe('plura reg does not admit this to shop-prod:');
    expect(lines).toContain(
      `- container web, ${bad}: [released] No release of checkout has this digest, and a signature does not say where it belongs.`,
    );
    expect(lines.at(-2)).toBe(
      '- init init, nginx: [registry-name] It names no registry, which means Docker Hub: write ours before it: registry.test:5080 or registry.alias.',
    );
    expect(lines.at(-1)).toBe(`To see why: plura reg why ${bad} --namespace shop-prod`);
  });

  it('keeps what somebody wrote for a name on one line', async () => {
    const { response } = await review(podOf(`x\n- all is fine\u0007${'y'.repeat(100_000)}`));

    const lines = response.status?.message.split('\n') ?? [];
    expect(lines).toHaveLength(2);
    expect(lines[1]).toMatch(/^- container web, x\?- all is fine\?y+: \[reference\]/);
    expect(lines[1]!.length).toBeLessThan(500);
  });

  it('asks for an image once, however often it stands there', async () => {
    const image = nameOf(good);
    const containers = ['a', 'b', 'c'].map((name) => ({ name, image }));

    await review(pod({ containers }));

    expect(world.allowQueries).toHaveLength(1);
  });

  it('checks so many images and no more', async () => {
    const containers = Array.from({ length: 21 }, (_, n) => ({
      name: `c${n}`,
      image: `nginx:${n}`,
    }));

    expect(await rulesFor(pod({ containers }))).toEqual(['image-count']);
  });

  it('refuses an object that it can not read', async () => {
    expect(await rulesFor({ kind: 'Pod', spec: { containers: 'web' } })).toEqual(['malformed']);
  });
});

describe('evidence', () => {
  it.each<[string, ReleasedInput, string]>([
    ['no signature', { without: ['signature'] }, 'signature'],
    ['an SBOM alone', { without: ['signature', 'provenance'] }, 'signature'],
    ['the key of another region', { keyId: 'release/us-east-1' }, 'signature'],
    ['no proof of the log', { log: false }, 'signature'],
    ['a bad child', { without: ['child'] }, 'child-signature'],
    ['no SBOM', { without: ['sbom'] }, 'sbom'],
    ['no provenance', { without: ['provenance'] }, 'provenance'],
    ['a failed scan', { scan: { outcome: 'fail' } }, 'cve-verdict'],
    ['an old scan', { scan: { at: '2026-01-01T00:00:00Z' } }, 'cve-verdict'],
    ['no release', { unreleased: true }, 'released'],
  ])('refuses an image with %s', async (_what, input, rule) => {
    const image = await world.release({ ...input, seed: 'other' });

    expect(await rulesFor(podOf(nameOf(image)))).toContain(rule);
  });

  it('refuses a signature that was copied to another repository', async () => {
    await world.registry.mount(good, 'apps/cart/cart');
    const copy = { repository: 'apps/cart/cart', digest: good.digest };
    await world.attach(copy, signatureStatement(good.digest));

    expect(await rulesFor(podOf(nameOf(copy)))).toContain('released');
  });

  it('refuses once an exception has ended, also from the cache', async () => {
    world.ledger.exceptions.push(grantedOf({ expiresAt: '2026-03-01T12:00:30.000Z' }));
    const evidence = coveredEvidence(coveredFinding());
    const image = await world.release({ scan: { evidence }, seed: 'excepted' });

    expect(await rulesFor(podOf(nameOf(image)))).toEqual([]);
    world.advance(29_000);
    expect(await rulesFor(podOf(nameOf(image)))).toEqual([]);
    world.advance(1_000);
    expect(await rulesFor(podOf(nameOf(image)))).toEqual(['cve-verdict']);
  });
});

describe('allow-list and quarantine', () => {
  it('refuses what is not on the list, with its reasons', async () => {
    world.allow = { allowed: false, reasons: ['It is stable in stg only.'] };

    const { response } = await review(podOf(nameOf(good)));

    expect(response.status?.message).toContain('[allow-list] It is stable in stg only.');
    expect(response.status?.code).toBe(403);
  });

  it('asks with repository, digest and namespace', async () => {
    await review(podOf(nameOf(good)), { namespace: 'shop-stg' });

    expect(world.allowQueries).toEqual([{ ...good, namespace: 'shop-stg' }]);
  });

  it('refuses a quarantined digest, also from the cache', async () => {
    expect(await rulesFor(podOf(nameOf(good)))).toEqual([]);
    world.blocks.set(good.digest, blockOf(good.digest));

    expect(await rulesFor(podOf(nameOf(good)))).toEqual(['quarantined']);
  });

  it('refuses an index with a quarantined child', async () => {
    const [child] = (await world.registry.getManifest(good)).manifests;
    world.blocks.set(child!.digest, blockOf(child!.digest));

    expect(await rulesFor(podOf(nameOf(good)))).toEqual(['quarantined']);
  });

  it('gives no grace to what starts anew', async () => {
    world.blocks.set(good.digest, blockOf(good.digest, { graceUntil: '2999-01-01T00:00:00Z' }));

    expect(await rulesFor(podOf(nameOf(good)))).toEqual(['quarantined']);
  });

  it('refuses what was quarantined while it was looked at', async () => {
    const { verifier } = world.deps;
    const verify = verifier.verify.bind(verifier);
    world.deps.verifier.verify = (image) => {
      world.blocks.set(good.digest, blockOf(good.digest));
      return verify(image);
    };

    expect(await rulesFor(podOf(nameOf(good)))).toEqual(['quarantined']);
  });

  it('goes by a list that changed while it was looked at', async () => {
    const { verifier } = world.deps;
    const verify = verifier.verify.bind(verifier);
    world.deps.verifier.verify = async (image) => {
      const verification = await verify(image);
      world.allow = { allowed: false, reasons: ['denied by security'] };
      world.revision = 2;
      return verification;
    };

    expect(await rulesFor(podOf(nameOf(good)))).toEqual(['allow-list']);
  });

  it('admits again when the quarantine has ended', async () => {
    world.blocks.set(good.digest, blockOf(good.digest, { expiresAt: '2026-03-01T11:00:00Z' }));

    expect(await rulesFor(podOf(nameOf(good)))).toEqual([]);
  });

  it('goes by a new revision of the list at once', async () => {
    await review(podOf(nameOf(good)));
    world.allow = { allowed: false, reasons: ['denied by security'] };
    world.revision = 2;

    expect(await rulesFor(podOf(nameOf(good)))).toEqual(['allow-list']);
  });

  it('goes by the end of a grant, also from the cache', async () => {
    world.allow = { expiresAt: '2026-03-01T12:00:10.000Z' };
    await review(podOf(nameOf(good)));
    world.allow = { allowed: false, reasons: ['the grant has ended'] };
    world.advance(9_999);

    expect(await rulesFor(podOf(nameOf(good)))).toEqual([]);
    world.advance(1);
    expect(await rulesFor(podOf(nameOf(good)))).toEqual(['allow-list']);
  });
});

describe('cache', () => {
  it('asks nobody for a minute, and again after it', async () => {
    await review(podOf(nameOf(good)));
    world.registry.calls.length = 0;
    world.advance(59_999);
    await review(podOf(nameOf(good)));

    expect(world.registry.calls).toEqual([]);
    world.advance(1);
    await review(podOf(nameOf(good)));
    expect(world.registry.calls).not.toEqual([]);
  });

  it('keeps a refusal for five seconds', async () => {
    const image = await world.release({ without: ['signature'], seed: 'later' });
    expect(await rulesFor(podOf(nameOf(image)))).toEqual(['signature']);
    await world.attach(image, signatureStatement(image.digest));

    expect(await rulesFor(podOf(nameOf(image)))).toEqual(['signature']);
    world.advance(5_000);
    expect(await rulesFor(podOf(nameOf(image)))).toEqual([]);
  });

  it('keeps nothing of what could not be known', async () => {
    world.registry.fail('REGISTRY_UNAVAILABLE', 2);

    expect(await rulesFor(podOf(nameOf(good)))).toEqual(['not-known']);
    expect(await rulesFor(podOf(nameOf(good)))).toEqual([]);
  });

  it('keeps nothing of what was found before a key was revoked', async () => {
    expect(await rulesFor(podOf(nameOf(good)))).toEqual([]);
    world.signer.fail('SIGNATURE_INVALID', 100, 'verify');
    expect(await rulesFor(podOf(nameOf(good)))).toEqual([]);
    world.revokedKeys = [REVOKED];

    expect(await rulesFor(podOf(nameOf(good)))).toContain('signature');
  });

  it.each([
    ['a scan that said no', { outcome: 'fail', evidence: {} }],
    ['one that could not tell', { outcome: 'error', evidence: {} }],
  ] as const)('keeps nothing of what was found before a rescan: %s', async (_what, over) => {
    expect(await rulesFor(podOf(nameOf(good)))).toEqual([]);
    const scan = { gate: 'scan', subject: good.digest, reasons: [], ...over } as const;
    const of = ['checkout/1.4.1_abc1234', 'rescan', 'sha256:policy'] as const;
    await world.ledger.recordRescan(...of, scan, world.now.toISOString());
    world.evidenceRevision += 1;

    expect(await rulesFor(podOf(nameOf(good)))).toEqual(['cve-verdict']);
  });

  it.each([
    ['a key was revoked', () => (world.revokedKeys = [REVOKED])],
    ['a verdict was withdrawn', () => (world.evidenceRevision += 1)],
  ])('looks again when %s while it was looked at', async (_what, withdraw) => {
    const { verifier } = world.deps;
    const verify = verifier.verify.bind(verifier);
    world.deps.verifier.verify = async (image) => {
      const verification = await verify(image);
      withdraw();
      world.signer.fail('SIGNATURE_INVALID', 100, 'verify');
      return verification;
    };

    expect(await rulesFor(podOf(nameOf(good)))).toContain('signature');
  });

  it('does not go by the cache while Postgres is away', async () => {
    await review(podOf(nameOf(good)));
    world.isPostgresDown = true;

    const { verdict, response } = await review(podOf(nameOf(good)));

    expect(verdict).toBe('unknown');
    expect(response.status).toMatchObject({ code: 503, reason: 'ServiceUnavailable' });
    expect(response.status?.message).toMatch(
      /Postgres.*\n.*once the part named above answers again/,
    );
  });

  it('counts hits and misses', async () => {
    await review(podOf(nameOf(good)));
    await review(podOf(nameOf(good)));

    const { values } = await world.deps.metrics.cache.get();
    expect(values.map(({ labels, value }) => [labels.cache, labels.outcome, value])).toEqual(
      expect.arrayContaining([
        ['allow-list', 'miss', 1],
        ['verification', 'miss', 1],
        ['allow-list', 'hit', 1],
        ['verification', 'hit', 1],
      ]),
    );
  });
});

it('never admits by an error of its own', async () => {
  world.deps.verifier.verify = () => Promise.reject(new TypeError('a bug'));

  const { verdict, response } = await review(podOf(nameOf(good), ASKED), SRE);

  expect(verdict).toBe('denied');
  expect(response.status?.message).toContain('[internal]');
});

it('counts denials by their rules', async () => {
  await review(podOf('nginx'));

  const { values } = await world.deps.metrics.denials.get();
  expect(values).toEqual([{ labels: { rule: 'registry-name' }, value: 1 }]);
});
