import { statementFor } from '../../../activities/bundles';
import { findVex } from '../../../activities/vex';
import type { Digest } from '../../../src/domain/digest';
import type { ImageRef } from '../../../src/domain/reference';
import type { Json } from '../../../src/domain/verdict';
import { BUNDLE_ARTIFACT_TYPE } from '../../../src/ports/signer';
import { createFakeRegistry, type FakeRegistry } from '../../support/fakes/registry';
import { createFakeSigner, type FakeSigner } from '../../support/fakes/signer';

const OPENVEX = 'https://openvex.dev/ns';
const CYCLONEDX = 'https://cyclonedx.org/vex';
const AT = '2026-11-01T00:00:00Z';

let registry: FakeRegistry;
let signer: FakeSigner;
let image: ImageRef;

beforeEach(() => {
  registry = createFakeRegistry();
  signer = createFakeSigner();
  const repository = 'apps/shop/web';
  const digest = registry.pushImage({ repository, layers: [Buffer.from('one')] });
  image = { repository, digest };
});

const openVex = (over: object = {}): Json => ({
  '@context': 'https://openvex.dev/ns/v0.2.0',
  '@id': 'https://example.com/vex/1',
  author: 'security',
  timestamp: AT,
  version: 1,
  statements: [
    {
      vulnerability: { name: 'CVE-2026-0001', aliases: ['GHSA-1'] },
      status: 'not_affected',
      justification: 'vulnerable_code_not_present',
      ...over,
    },
  ],
});

async function attach(
  predicateType: string,
  predicate: Json,
  { keyId = 'vex', subject = image.digest }: { keyId?: string; subject?: Digest } = {},
): Promise<void> {
  const statement = statementFor(subject, predicateType, predicate);
  await attachBytes(await signer.sign(keyId, statement, false));
}

async function attachBytes(payload: Buffer): Promise<void> {
  await registry.attach({
    subject: image,
    artifactType: BUNDLE_ARTIFACT_TYPE,
    mediaType: BUNDLE_ARTIFACT_TYPE,
    payload,
    annotations: {},
  });
}

const find = (keys: readonly string[] = ['other', 'vex']): ReturnType<typeof findVex> =>
  findVex({ registry, signer }, image, { vex: { keys } });

describe('findVex', () => {
  it('reads OpenVEX of a trusted key, with the key and the bundle that said it', async () => {
    await attach(OPENVEX, openVex());

    const { statements, ignored } = await find();

    expect(ignored).toEqual([]);
    expect(statements).toEqual([
      {
        vulnerabilities: ['CVE-2026-0001', 'GHSA-1'],
        ...{ status: 'not_affected', justification: 'vulnerable_code_not_present' },
        ...{ packages: [], at: AT, keyId: 'vex' },
        source: expect.stringMatching(/^sha256:/) as string,
      },
    ]);
  });

  it('reads CycloneDX VEX, with the purls that its references stand for', async () => {
    await attach(CYCLONEDX, {
      ...{ bomFormat: 'CycloneDX', specVersion: '1.6', metadata: { timestamp: AT } },
      components: [{ 'bom-ref': 'a', purl: 'pkg:npm/qs@6.5.2' }],
      vulnerabilities: [
        {
          id: 'CVE-2026-0001',
          analysis: { state: 'not_affected', justification: 'code_not_reachable' },
          affects: [{ ref: 'a' }],
        },
        { id: 'CVE-2026-0002', analysis: { state: 'not_affected' }, affects: [{ ref: 'gone' }] },
      ],
    });

    const { statements } = await find();

    expect(statements).toMatchObject([
      {
        ...{ vulnerabilities: ['CVE-2026-0001'], status: 'not_affected' },
        ...{ justification: 'code_not_reachable', packages: ['pkg:npm/qs@6.5.2'], at: AT },
      },
    ]);
  });

  it.each<[string, object, readonly string[] | null]>([
    ['no product: the image', {}, []],
    ['the image as a product', { products: ['DIGEST'] }, []],
    ['the image by its hash', { products: [{ hashes: { 'sha-256': 'HEX' } }] }, []],
    [
      'packages of the image',
      { products: [{ '@id': 'DIGEST', subcomponents: ['pkg:npm/qs'] }] },
      ['pkg:npm/qs'],
    ],
    ['another image', { products: ['pkg:oci/other@sha256:00'] }, null],
    [
      'parts that are no packages',
      { products: [{ '@id': 'DIGEST', subcomponents: ['some file'] }] },
      null,
    ],
  ])('is about %s', async (_, over, packages) => {
    const hex = image.digest.slice('sha256:'.length);
    const text = JSON.stringify(openVex(over))
      .replaceAll('DIGEST', `pkg:oci/web@sha256:${hex}`)
      .replaceAll('HEX', hex);
    await attach(OPENVEX, JSON.parse(text) as Json);

    const { statements } = await find();

    expect(statements.map((one) => one.packages)).toEqual(packages === null ? [] : [packages]);
  });

  it('takes back for the whole image what it takes back for parts that are no packages', async () => {
    const parts = [{ '@id': image.digest, subcomponents: ['some file'] }];
    await attach(OPENVEX, openVex({ status: 'affected', products: parts }));
    await attach(CYCLONEDX, {
      ...{ bomFormat: 'CycloneDX', specVersion: '1.6', metadata: { timestamp: AT } },
      vulnerabilities: [
        { id: 'CVE-2026-0002', analysis: { state: 'exploitable' }, affects: [{ ref: 'gone' }] },
      ],
    });

    const { statements } = await find();

    expect(statements.map(({ status, packages }) => [status, packages])).toEqual([
      ['affected', []],
      ['affected', []],
    ]);
  });

  it('believes none beside one of a trusted key that it can not read', async () => {
    await attach(OPENVEX, openVex());
    await attach(OPENVEX, openVex({ status: 'affected', timestamp: 'yesterday' }));

    const { statements, ignored } = await find();

    expect(statements).toEqual([]);
    expect(ignored.join(' ')).toContain('none counts');
  });

  it('believes none when more are attached than it looks at: one of those may take it back', async () => {
    await attach(OPENVEX, openVex());
    for (let n = 0; n < 50; n += 1) await attach(OPENVEX, { n }, { keyId: 'somebody' });

    const { statements, ignored } = await find();

    expect(statements).toEqual([]);
    expect(ignored.join(' ')).toContain('1 more bundles');
  });

  it('ignores and tells what another key signed, what is of another image, and what is no VEX', async () => {
    await attach(OPENVEX, openVex(), { keyId: 'somebody' });
    await attach(OPENVEX, openVex(), { subject: `sha256:${'9'.repeat(64)}` });
    await attach(OPENVEX, { hello: 'world' });

    const { statements, ignored } = await find();

    expect(statements).toEqual([]);
    expect(ignored).toHaveLength(3);
    expect(ignored.join('\n')).toMatch(/not signed by a trusted key/);
    expect(ignored.join('\n')).toMatch(/no OpenVEX and no CycloneDX VEX/);
  });

  it('says nothing of bundles that are about something else, and of bytes that are nothing', async () => {
    await attach('https://slsa.dev/provenance/v1', {});
    await attachBytes(Buffer.from('nonsense'));

    expect(await find()).toEqual({ statements: [], ignored: [] });
  });

  it('looks at nothing where the policy trusts nobody', async () => {
    await attach(OPENVEX, openVex());

    const found = await findVex({ registry, signer }, image, {});

    expect(found).toEqual({ statements: [], ignored: [] });
    expect(registry.calls.some(({ method }) => method === 'listReferrers')).toBe(false);
  });

  it('fails when the registry can not be asked: what was not read may be the newest', async () => {
    await attach(OPENVEX, openVex());
    registry.fail('REGISTRY_UNAVAILABLE', 1, 'getArtifact');

    await expect(find()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
  });
});
