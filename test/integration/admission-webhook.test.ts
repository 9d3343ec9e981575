import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { signatureStatement } from '../../activities/bundles';
import { readFileKey, writeKeyRing } from '../../src/adapters/kms/key-ring-file';
import { rotateKey } from '../../src/adapters/kms/rotate-key';
import type { Digest } from '../../src/domain/digest';
import type { KeyRing } from '../../src/domain/keys';
import type { ImageRef } from '../../src/domain/reference';
import { KEY_IDS } from '../../src/ports/signer';
import {
  createAsks,
  messageOf,
  nameOf,
  pathOf,
  podOf,
  postToWebhook,
  untilRefused,
  type Asks,
} from '../support/admission-asks';
import { createReleases, type Releases } from '../support/admission-releases';
import {
  HOST,
  OTHER_REGION,
  startAdmissionStack,
  type AdmissionStack,
} from '../support/admission-stack';
import { fakeDigest } from '../support/api-fixtures';
import { denialOf, grantOf } from '../support/contracts/allow-list';
import { entryOf } from '../support/contracts/quarantine';
import { GOOD_RESOURCES, goodContainer, WORKLOAD_KINDS } from '../support/guardrail-builders';
import type { Raw } from '../support/guardrail-builders';
import { FIXTURES } from '../support/kubernetes/cluster';
import { sendToKube, type KubeReply } from '../support/kubernetes/kube-send';
import { coveredEvidence, coveredFinding, requestOf } from '../support/exceptions';
import { REFUSED_RELEASES } from '../support/refused-releases';

jest.setTimeout(60_000);

const PROD = 'shop-prod';
const NOWHERE = 'sandbox';
const DAY_MS = 86_400_000;

let stack: AdmissionStack;
let releases: Releases;
let asks: Asks;
let good: ImageRef;

beforeAll(async () => {
  stack = await startAdmissionStack([PROD, NOWHERE]);
  asks = createAsks(stack);
  await stack.kube.create(join(FIXTURES, 'rollouts.yaml'));
  releases = await createReleases(stack);
  good = await releases.release();
}, 180_000);

afterAll(() => stack.stop());

describe('what may run', () => {
  it.each(WORKLOAD_KINDS)('is admitted as a %s', async (kind) => {
    const reply = await asks.create(podOf(nameOf(good), {}, { kind }));

    expect([reply.status, reply.body['message']]).toEqual([201, undefined]);
  });

  it('is told what the guardrails warn of', async () => {
    const { status, warnings } = await asks.run(good);

    expect(status).toBe(201);
    expect(warnings).toMatch(
      /\[egress-policy] .*write a NetworkPolicy with policyTypes: \[Egress]/,
    );
    expect(warnings).not.toMatch(/apparmor|spiffe|mtls/);
  });

  it('is admitted by the name of its channel', async () => {
    await stack.registry.mount(good, 'channels/prod/shop');

    expect((await asks.run({ repository: 'channels/prod/shop', digest: good.digest })).status).toBe(
      201,
    );
  });

  it('is admitted although somebody attached what does not verify beside what does', async () => {
    const image = await releases.release();
    const statement = signatureStatement(image.digest);
    await releases.attach(image, statement, { keyId: `release/${OTHER_REGION}` });
    await releases.attach(image, statement, { edit: () => Buffer.from('{}') });

    expect((await asks.run(image)).status).toBe(201);
  });

  it('is admitted by a grant where no channel lets it in', async () => {
    const { repository, digest } = await releases.release({ unpinned: true });
    const pod = podOf(nameOf({ repository, digest }), {}, { namespace: NOWHERE });
    const grantedAt = new Date().toISOString();
    await stack.stores.allowList.addGrant(
      grantOf({ id: 'sandbox', repository, digest, namespaces: NOWHERE, grantedAt }),
    );

    expect((await asks.create(pod)).status).toBe(201);

    await stack.stores.allowList.revokeGrant('sandbox', 'erin', 'over', grantedAt);
    const reply = await untilRefused(() => asks.create(pod));
    expect(messageOf(reply)).toMatch(/\[allow-list]/);
  });

  it('gets the digest that its tag means, the tag kept for people', async () => {
    await stack.registry.putTag(good, '1.4.1_abc1234');

    const { status, body } = await asks.create(podOf(`${HOST}/${good.repository}:1.4.1_abc1234`));

    const { containers } = body['spec'] as { readonly containers: readonly { image: string }[] };
    expect(status).toBe(201);
    expect(containers.map(({ image }) => image)).toEqual([
      `${HOST}/${good.repository}:1.4.1_abc1234@${good.digest}`,
    ]);
  });

  it('may be 3 MB long', async () => {
    const value = 'x'.repeat(100_000);
    const env = Array.from({ length: 29 }, (_, index) => ({ name: `PART_${index}`, value }));
    const containers = [goodContainer({ image: nameOf(good), env })];

    const { status } = await asks.create(podOf('', { containers }));

    expect(status).toBe(201);
  });
});

describe('what may not run', () => {
  it.each(REFUSED_RELEASES)('is an image with %s', async (_what, input, expected) => {
    const { status, body } = await asks.run(await releases.release(input));

    expect(status).toBe(403);
    expect(body['message']).toMatch(expected);
  });

  it('is an image that passed by an exception, from the second in which that ends', async () => {
    const endsAtMs = Math.ceil(Date.now() / 1_000) * 1_000 + 6_000;
    const expiresAt = new Date(endsAtMs).toISOString();
    await stack.stores.exceptions.request(requestOf({ svc: 'shop', expiresAt }));
    await stack.stores.exceptions.approve('exc-1', 'sam', new Date().toISOString());
    const evidence = coveredEvidence(coveredFinding({ until: expiresAt }));
    const image = await releases.release({ scan: { evidence } });
    expect((await asks.run(image)).status).toBe(201);
    await sleep(endsAtMs - Date.now());
    const after = await asks.run(image);
    expect(after.status).toBe(403);
    expect(messageOf(after)).toContain('The exception exc-1 for CVE-2026-0001 in qs@6.5.2 ended');
  });

  it('is an image that was copied to another repository, signatures and all', async () => {
    const copy = { repository: 'apps/cart/web', digest: good.digest };
    await stack.registry.mount(good, copy.repository);
    await releases.attach(copy, signatureStatement(copy.digest));

    const { status, body } = await asks.run(copy);

    expect(status).toBe(403);
    expect(body['message']).toMatch(/\[allow-list]/);
    expect(body['message']).toMatch(/\[released]/);
  });

  it.each([
    ['of another registry', 'docker.io/library/alpine', /\[registry-name]/],
    ['of no registry', 'alpine', /\[registry-name]/],
    ['by a tag that is not there', `${HOST}/apps/shop/web:9.9.9`, /\[digest-form]/],
    ['by latest', `${HOST}/apps/shop/web:latest`, /\[digest-form]/],
    ['that is none', `${HOST}/apps/shop/web@sha256:1234`, /\[reference]/],
    ['of a chart', `${HOST}/charts/shop@${fakeDigest('chart')}`, /\[repository]/],
    ['of a service of nobody', `${HOST}/apps/x/y@${fakeDigest('x')}`, /\[repository]/],
    ['of a mirror that nobody allowed', `${HOST}/mirror/x@${fakeDigest('x')}`, /\[allow-list]/],
    ['that is nowhere', `${HOST}/apps/shop/web@${fakeDigest('nowhere')}`, /\[present]|\[released]/],
  ])('is an image %s', async (_what, image, expected) => {
    const { status, body } = await asks.create(podOf(image));

    expect(status).toBe(403);
    expect(body['message']).toMatch(expected);
  });

  it('is an image in a namespace of no environment', async () => {
    const reply = await asks.create(podOf(nameOf(good), {}, { namespace: NOWHERE }));

    expect(reply.status).toBe(403);
    expect(messageOf(reply)).toMatch(/\[allow-list]/);
    expect(messageOf(reply)).toMatch(/plura reg why .* --namespace sandbox/);
  });

  it.each(WORKLOAD_KINDS)('is a bad init container of a %s', async (kind) => {
    const initContainers = [goodContainer({ name: 'init', image: 'docker.io/library/busybox' })];

    const reply = await asks.create(podOf(nameOf(good), { initContainers }, { kind }));

    expect(reply.status).toBe(403);
    expect(messageOf(reply)).toMatch(/- init init, docker\.io\/library\/busybox: \[registry-name]/);
  });

  it('is an object with more images than are checked', async () => {
    const containers = Array.from({ length: 101 }, (_value, index) =>
      goodContainer({ name: `web-${index}`, image: nameOf(good) }),
    );

    const reply = await asks.create(podOf('', { containers }));

    expect(reply.status).toBe(403);
    expect(messageOf(reply)).toMatch(/\[image-count]/);
  });

  it('is a pod that breaches an enforced guardrail', async () => {
    const containers = [
      goodContainer({ image: nameOf(good), securityContext: { privileged: true } }),
    ];

    const reply = await asks.create(podOf('', { containers }));

    expect(reply.status).toBe(403);
    expect(messageOf(reply)).toMatch(/\[privileged]/);
    expect(messageOf(reply)).toMatch(
      /\nTo mend \[privileged]: take away securityContext\.privileged/,
    );
  });

  it('is a bad ephemeral container in a good pod; a good one may', async () => {
    const { body } = await asks.create(podOf(nameOf(good)), '');
    const { name } = body['metadata'] as { readonly name: string };
    const path = `/api/v1/namespaces/${PROD}/pods/${name}/ephemeralcontainers`;
    const debug = (image: string): Promise<KubeReply> => {
      // The API refuses resources there.
      const container = goodContainer({ name: 'debug', image, resources: undefined });
      const spec = { ...(body['spec'] as Raw), ephemeralContainers: [container] };
      return sendToKube(stack.kube, 'PUT', path, { ...body, spec });
    };

    const bad = await debug('docker.io/library/busybox');
    const fine = await debug(nameOf(good));

    expect([bad.status, fine.status]).toEqual([403, 200]);
    expect(messageOf(bad)).toMatch(/- ephemeral debug/);
  });
});

it('is asked when a pod is resized in place', async () => {
  const { body } = await asks.create(podOf(nameOf(good)), '');
  const { name } = body['metadata'] as { readonly name: string };
  const resize = (...[requested, limit]: readonly string[]): Promise<KubeReply> => {
    const requests = { ...GOOD_RESOURCES.requests, cpu: requested };
    const resources = { requests, limits: { ...GOOD_RESOURCES.limits, cpu: limit } };
    const containers = [goodContainer({ image: nameOf(good), resources })];
    const path = `/api/v1/namespaces/${PROD}/pods/${name}/resize?dryRun=All`;
    const spec = { ...(body['spec'] as Raw), containers };
    return sendToKube(stack.kube, 'PUT', path, { ...body, spec });
  };

  const [wider, unbounded] = [await resize('100m', '1'), await resize('0', '0')];

  expect([wider.status, unbounded.status]).toEqual([200, 403]);
  expect(messageOf(unbounded)).toMatch(/\[requests-and-limits] container web has no limits of cpu/);
});

describe('what is withdrawn', () => {
  const quarantine = (digest: Digest): Promise<unknown> =>
    stack.stores.quarantine.add(entryOf({ digest, at: new Date().toISOString() }));
  const deny = (digest: Digest): Promise<unknown> =>
    stack.stores.allowList.addDenial(denialOf({ digest, at: new Date().toISOString() }));

  it.each([
    ['quarantined', quarantine],
    ['allow-list', deny],
    ['cve-verdict', (digest: Digest) => releases.failRescan(digest)],
  ])(
    'is refused within a second, although it was admitted and kept: %s',
    async (rule, withdraw) => {
      const image = await releases.release();
      expect((await asks.run(image)).status).toBe(201);
      await withdraw(image.digest);

      expect(messageOf(await untilRefused(() => asks.run(image)))).toContain(`[${rule}]`);
    },
  );

  it('is refused as the child of an index', async () => {
    const image = await releases.release();
    const { manifests } = await stack.registry.getManifest(image);
    await quarantine(manifests[0]!.digest);

    expect(messageOf(await untilRefused(() => asks.run(image)))).toContain('[quarantined]');
  });

  it('does not stand in the way of scaling down what runs already', async () => {
    const image = await releases.release();
    const one = podOf(nameOf(image), {}, { kind: 'Deployment' });
    const { body } = await asks.create(one, '');
    const { name } = body['metadata'] as { readonly name: string };
    await quarantine(image.digest);
    await untilRefused(() => asks.run(image));

    const path = `${pathOf(one)}/${name}`;
    const scaled = await sendToKube(stack.kube, 'PUT', path, {
      ...body,
      spec: { ...(body['spec'] as Raw), replicas: 0 },
    });

    expect(scaled.status).toBe(200);
  });
});

it.each(['', '{', '{}', '[]', '{"apiVersion":"admission.k8s.io/v1beta1"}'])(
  'answers what is no review with a status and a reason: %j',
  async (body) => {
    const { status, text } = await postToWebhook(stack.webhook, body);

    expect([status, text]).toEqual([400, expect.stringMatching(/no AdmissionReview/)]);
  },
);

it('refuses what a revoked key signed within a second, though it was let in before', async () => {
  const keyId = KEY_IDS.release('eu-west-1');
  const file = await readFileKey(stack.keysDir, keyId);
  await asks.untilAdmitted(good);
  const publish = (ring: KeyRing): Promise<void> => writeKeyRing(stack.publicKeysDir, ring);
  const how = { now: new Date(), overlapMs: DAY_MS, settleMs: 1_000, publish };
  await rotateKey(stack.keysDir, keyId, how);
  await asks.untilAdmitted(good);

  const { version, publicKey } = file.ring.current;
  const revokedAt = new Date().toISOString();
  const revoked = { keyId, version, publicKey, revokedAt, trustedBefore: null };
  await stack.stores.keyRevocations.revoke({ ...revoked, reason: 'stolen', by: 'erin' }, 'one');

  const refused = await untilRefused(() => asks.run(good));

  expect(messageOf(refused)).toMatch(/\[signature] .*was revoked/);
});

it('lets nothing in once it is gone, but the namespaces that a cluster needs to come up', async () => {
  await stack.webhook.stop();

  const refused = await asks.run(good);
  const system = await asks.create(
    podOf('registry.k8s.io/pause:3.10', {}, { namespace: 'kube-system' }),
  );

  expect(refused.status).toBe(500);
  expect(messageOf(refused)).toMatch(/failed calling webhook/);
  expect(system.status).toBe(201);
});
