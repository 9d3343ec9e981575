import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createDistributionLayoutSource } from '../../../../src/adapters/storage/distribution-layout';
import { createOciLayoutSource } from '../../../../src/adapters/storage/oci-layout';
import { writeDistribution, writeOciLayouts } from '../../../bench/gc-disk';
import { makeStore, USUAL_SHAPE, type Store } from '../../../bench/gc-store';
import { recordingSink, type RecordingSink } from '../../../support/recording-sink';

const NEVER = new AbortController().signal;
const FIRST = 'apps/svc-000000/app';

const NOW = Date.parse('2026-11-30T08:00:00Z');

/** Two repositories of four images. */
const twoRepositories = (): Store =>
  makeStore({ ...USUAL_SHAPE, imagesPerRepository: 4, manifests: 10, nowMs: NOW });

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'plura-hostile-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

const repositories = (): string => path.join(folder, 'docker/registry/v2/repositories');
const own = (...below: readonly string[]): string => path.join(repositories(), FIRST, ...below);

function firstOf(place: string): string {
  const name = readdirSync(place).sort()[0];
  if (name === undefined) throw new Error(`${place} is empty`);
  return name;
}

const revision = (): string => firstOf(own('_manifests/revisions/sha256'));
const contentOf = (hex: string): string =>
  path.join(folder, 'docker/registry/v2/blobs/sha256', hex.slice(0, 2), hex, 'data');

async function scan(): Promise<RecordingSink> {
  const told = recordingSink();
  await createDistributionLayoutSource(folder).read(told, NEVER);
  return told;
}

describe('a damaged folder of distribution', () => {
  let whole: readonly string[];

  beforeEach(async () => {
    writeDistribution(folder, twoRepositories());
    whole = (await scan()).lines();
  });

  const manifestCases: readonly (readonly [string, (hex: string) => void, string])[] = [
    [
      'whose content has other bytes',
      (hex) => {
        appendFileSync(contentOf(hex), ' ');
      },
      'damaged',
    ],
    [
      'whose content is cut off',
      (hex) => {
        truncateSync(contentOf(hex), 10);
      },
      'damaged',
    ],
    [
      'whose content is gone',
      (hex) => {
        rmSync(contentOf(hex));
      },
      'absent',
    ],
    [
      'of more than 4 MiB',
      (hex) => {
        truncateSync(contentOf(hex), 4 * 1024 * 1024 + 1);
      },
      'too-large',
    ],
    [
      'whose content is a link to elsewhere',
      (hex) => {
        rmSync(contentOf(hex));
        symlinkSync('/etc/passwd', contentOf(hex));
      },
      'unreadable',
    ],
    [
      'whose content is a folder',
      (hex) => {
        rmSync(contentOf(hex));
        mkdirSync(contentOf(hex));
      },
      'unreadable',
    ],
    [
      'whose link names another',
      (hex) => {
        writeFileSync(own('_manifests/revisions/sha256', hex, 'link'), `sha256:${'0'.repeat(64)}`);
      },
      'link to its content is damaged',
    ],
  ];

  it.each(manifestCases)('has a gap for the one manifest %s', async (_name, damage, reason) => {
    const hex = revision();
    damage(hex);

    const told = await scan();

    expect(told.gaps).toEqual([
      {
        ...{ repository: FIRST, digest: `sha256:${hex}` },
        reason: expect.stringContaining(reason) as string,
      },
    ]);
    const missing = whole.filter((line) => !told.lines().includes(line));
    expect(missing.every((line) => line.includes(hex))).toBe(true);
  });

  const repositoryCases: readonly (readonly [string, () => void, string])[] = [
    [
      'a tag that points at no digest',
      () => {
        const tag = firstOf(own('_manifests/tags'));
        writeFileSync(own('_manifests/tags', tag, 'current/link'), 'nothing');
      },
      'can not be read',
    ],
    [
      'a tag that is a link',
      () => {
        symlinkSync('/etc', own('_manifests/tags/linked'));
      },
      'is no tag',
    ],
    [
      'a tag of no grammar',
      () => {
        mkdirSync(own('_manifests/tags/.hidden'), { recursive: true });
      },
      'is no tag',
    ],
    [
      'a revision of no digest',
      () => {
        mkdirSync(own('_manifests/revisions/sha256/nothing'));
      },
      'no digest',
    ],
    [
      'digests by another hash',
      () => {
        mkdirSync(own('_manifests/revisions/sha512'));
      },
      'another kind',
    ],
    [
      'revisions that are a link',
      () => {
        rmSync(own('_manifests/revisions'), { recursive: true });
        symlinkSync('/etc', own('_manifests/revisions'));
      },
      'no folder of its own',
    ],
  ];

  it.each(repositoryCases)('has a gap for a repository with %s', async (_name, damage, reason) => {
    damage();

    const told = await scan();

    expect(told.gaps).toEqual([
      {
        ...{ repository: FIRST, digest: null },
        reason: expect.stringContaining(reason) as string,
      },
    ]);
    const others = whole.filter((line) => !line.includes(FIRST));
    expect(told.lines()).toEqual(expect.arrayContaining(others));
  });

  it('takes a link without its target for a deleted manifest', async () => {
    const hex = revision();
    rmSync(own('_manifests/revisions/sha256', hex, 'link'));

    const told = await scan();

    expect(told.gaps).toEqual([]);
    const manifests = told.lines().filter((line) => line.startsWith('manifest '));
    expect(manifests.length).toBeGreaterThan(2);
    expect(manifests.some((line) => line.includes(`"digest":"sha256:${hex}"`))).toBe(false);
  });

  it('does not follow a folder that is a link, nor believe a name that is none', async () => {
    symlinkSync('/', path.join(repositories(), 'apps/elsewhere'));
    mkdirSync(path.join(repositories(), 'apps/No Name/_manifests'), { recursive: true });
    writeFileSync(path.join(repositories(), 'a-file'), 'x');

    const told = await scan();

    expect(told.gaps.map(({ repository }) => repository).sort()).toEqual([
      'apps/No Name',
      'apps/elsewhere',
    ]);
    expect(told.lines()).toEqual(whole);
  });
});

it('says so when the folder holds no registry, and does not take it for an empty one', async () => {
  await expect(scan()).rejects.toMatchObject({ code: 'REGISTRY_UNAVAILABLE' });
  const layouts = createOciLayoutSource(path.join(folder, 'nowhere'));
  await expect(layouts.read(recordingSink(), NEVER)).rejects.toMatchObject({
    code: 'REGISTRY_UNAVAILABLE',
  });
});

describe('a damaged OCI layout', () => {
  const layout = (...below: readonly string[]): string => path.join(folder, FIRST, ...below);
  const scanLayouts = async (): Promise<RecordingSink> => {
    const told = recordingSink();
    await createOciLayoutSource(folder).read(told, NEVER);
    return told;
  };

  beforeEach(() => {
    writeOciLayouts(folder, twoRepositories());
  });

  const cases: readonly (readonly [string, () => void, string])[] = [
    [
      'no index',
      () => {
        writeFileSync(layout('index.json'), '{}');
      },
      'malformed',
    ],
    [
      'an index that is cut off',
      () => {
        truncateSync(layout('index.json'), 50);
      },
      'not JSON',
    ],
    [
      'an index that is a link',
      () => {
        rmSync(layout('index.json'));
        symlinkSync('/etc/passwd', layout('index.json'));
      },
      'unreadable',
    ],
    [
      'blobs elsewhere',
      () => {
        rmSync(layout('blobs'), { recursive: true });
        symlinkSync('/etc', layout('blobs'));
      },
      'no folder of its own',
    ],
  ];

  it.each(cases)('has a gap for a repository with %s', async (_name, damage, reason) => {
    damage();

    const told = await scanLayouts();

    expect(told.gaps).toEqual([
      {
        ...{ repository: FIRST, digest: null },
        reason: expect.stringContaining(reason) as string,
      },
    ]);
  });
});
