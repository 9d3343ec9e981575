import { createMutator } from '../../../../src/admission/review/mutate';
import type { AdmissionRequest } from '../../../../src/contract/schema/admission-review';
import type { ImageRef } from '../../../../src/domain/reference';
import { deploymentOf, pod, podOf, requestFor } from '../../../support/admission-pods';
import { createAdmissionWorld, HOST, type AdmissionWorld } from '../../../support/admission-world';

const TAG = '1.4.0_abc1234';
const NAME = `${HOST}/apps/checkout/checkout:${TAG}`;

let world: AdmissionWorld;
let image: ImageRef;

beforeEach(async () => {
  world = await createAdmissionWorld();
  image = await world.release();
  await world.registry.putTag(image, TAG);
  world.registry.calls.length = 0;
});

async function mutate(
  object: AdmissionRequest['object'],
  over: Partial<AdmissionRequest> = {},
): Promise<{ readonly patch: unknown; readonly warnings: readonly string[] | undefined }> {
  const { response } = await createMutator(world.deps)(requestFor(object, over));
  expect(response.allowed).toBe(true);
  const text = Buffer.from(response.patch ?? '', 'base64').toString();
  return { patch: text === '' ? null : (JSON.parse(text) as unknown), warnings: response.warnings };
}

it('writes the digest behind a tag, and keeps the tag for people', async () => {
  const { patch, warnings } = await mutate(deploymentOf(NAME));

  const path = '/spec/template/spec/containers/0/image';
  expect(patch).toEqual([
    { op: 'test', path, value: NAME },
    { op: 'replace', path, value: `${NAME}@${image.digest}` },
  ]);
  expect(warnings).toBeUndefined();
});

it('asks the registry once for a tag, wherever it stands', async () => {
  const { patch } = await mutate(
    pod({
      containers: [{ name: 'a', image: NAME }],
      initContainers: [{ name: 'b', image: NAME }],
      volumes: [{ name: 'c', image: { reference: NAME } }],
    }),
  );

  expect(patch).toHaveLength(6);
  expect(world.registry.calls).toHaveLength(1);
});

it.each([
  ['what has a digest', `${HOST}/apps/checkout/checkout@sha256:${'a'.repeat(64)}`],
  ['what has tag and digest', `${NAME}@sha256:${'a'.repeat(64)}`],
  ['what has no tag', `${HOST}/apps/checkout/checkout`],
  ['latest', `${HOST}/apps/checkout/checkout:latest`],
  ['another registry', 'docker.io/library/nginx:1'],
  ['Docker Hub', 'nginx:1'],
  ['what is no name', '!'],
])('leaves %s as it is, and asks nobody', async (_what, name) => {
  const { patch, warnings } = await mutate(podOf(name));

  expect(patch).toBeNull();
  expect(warnings).toBeUndefined();
  expect(world.registry.calls).toEqual([]);
});

it('warns of a tag that is not there', async () => {
  const { patch, warnings } = await mutate(podOf(`${HOST}/apps/checkout/checkout:9`));

  expect(patch).toBeNull();
  expect(warnings).toEqual([`${HOST}/apps/checkout/checkout:9: there is no such tag`]);
});

it('warns when the registry does not answer, and refuses nothing', async () => {
  world.registry.fail('REGISTRY_UNAVAILABLE', 1);

  const { patch, warnings } = await mutate(podOf(NAME));

  expect(patch).toBeNull();
  expect(warnings).toEqual([expect.stringMatching(/its digest could not be asked for/)]);
});

it('touches nothing that an update leaves as it was', async () => {
  const { patch } = await mutate(podOf(NAME, { labels: { a: 'b' } }), {
    operation: 'UPDATE',
    oldObject: podOf(NAME),
  });

  expect(patch).toBeNull();
});

it('leaves what it can not read to the validating webhook', async () => {
  expect((await mutate({ kind: 'Pod', spec: {} })).patch).toBeNull();
  expect((await mutate({ kind: 'ConfigMap' })).patch).toBeNull();
});
