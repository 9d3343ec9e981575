import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { createRiskListFiles } from '../../../src/adapters/risk-lists/files';
import type { RiskLists } from '../../../src/ports/risk-lists';

const KEV = {
  title: 'CISA Catalog of Known Exploited Vulnerabilities',
  catalogVersion: '2026.11.29',
  dateReleased: '2026-11-29T15:00:00.1234Z',
  count: 1,
  vulnerabilities: [{ cveID: 'CVE-2021-44228', vendorProject: 'Apache' }],
};
const EPSS = [
  '#model_version:v2025.03.14,score_date:2026-11-30T00:00:00+0000',
  'cve,epss,percentile',
  'CVE-2021-44228,0.94358,0.99958',
  'CVE-2026-0001,3.4e-04,0.1',
  '',
].join('\n');
const IDS = ['CVE-2021-44228', 'CVE-2026-0001', 'CVE-2026-9999', 'GHSA-AAAA-BBBB-CCCC'];

let folder: string;
let lists: RiskLists;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plura-lists-'));
  await writeFile(join(folder, 'kev.json'), JSON.stringify(KEV));
  await writeFile(join(folder, 'epss.csv'), EPSS);
  lists = createRiskListFiles({
    kevFile: join(folder, 'kev.json'),
    epssFile: join(folder, 'epss.csv'),
  });
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

it('tells which vulnerabilities are exploited, and how likely others are', async () => {
  const { kev, epss } = await lists.lookUp(IDS);

  expect(kev).toEqual({
    digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/) as string,
    updatedAt: KEV.dateReleased,
    listed: ['CVE-2021-44228'],
  });
  expect(epss).toMatchObject({
    updatedAt: '2026-11-30T00:00:00.000Z',
    scores: { 'CVE-2021-44228': 0.94358, 'CVE-2026-0001': 0.00034 },
  });
});

it('reads a file again when it has changed, gzipped too', async () => {
  await lists.lookUp(IDS);
  await writeFile(join(folder, 'epss.csv'), gzipSync(EPSS.replace('0.94358', '0.5')));

  const { epss } = await lists.lookUp(IDS);

  expect(epss?.scores['CVE-2021-44228']).toBe(0.5);
});

it('knows nothing where no list is given', async () => {
  const none = createRiskListFiles({ kevFile: null, epssFile: null });

  expect(await none.lookUp(IDS)).toEqual({ kev: null, epss: null });
});

it.each([
  ['kev.json', 'is gone', null],
  ['kev.json', 'is no JSON', '{'],
  ['kev.json', 'is empty of vulnerabilities', JSON.stringify({ ...KEV, vulnerabilities: [] })],
  ['kev.json', 'has no date', JSON.stringify({ ...KEV, dateReleased: 'today' })],
  ['kev.json', 'names what is no CVE', JSON.stringify({ ...KEV, vulnerabilities: [{ cveID: 1 }] })],
  ['epss.csv', 'has no date', EPSS.replace('score_date', 'date')],
  ['epss.csv', 'has no header', EPSS.replace('cve,epss', 'a,b')],
  ['epss.csv', 'has a score above one', EPSS.replace('0.94358', '1.5')],
  ['epss.csv', 'has a line that is none', `${EPSS}CVE-2026-3`],
  ['epss.csv', 'holds no scores', EPSS.split('\n').slice(0, 2).join('\n')],
  ['epss.csv', 'is cut off while gzipped', gzipSync(EPSS).subarray(0, 40)],
])('is not believed in part: %s %s', async (file, _, content) => {
  if (content === null) await rm(join(folder, file));
  else await writeFile(join(folder, file), content);

  await expect(lists.lookUp(IDS)).rejects.toMatchObject({
    code: 'SCANNER_UNAVAILABLE',
    details: { remedy: expect.stringContaining(' file of the worker') as string },
  });
});
