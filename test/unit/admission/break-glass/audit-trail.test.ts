import {
  appendFile,
  mkdtemp,
  readFile,
  rename,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openAuditFile, type AuditFile } from '../../../../src/admission/break-glass/audit-file';
import {
  createAuditTrail,
  type AuditTrail,
} from '../../../../src/admission/break-glass/audit-trail';
import { createFakeLedger, type FakeLedger } from '../../../support/fakes/ledger';

const entryOf = (subject: string): Parameters<AuditTrail['record']>[0] => ({
  at: '2026-03-01T12:00:00.000Z',
  actor: 'rita',
  action: 'admission.break-glass',
  svc: 'admission',
  subject,
  details: { reason: 'down' },
});
const silent = { info: () => undefined, warn: () => undefined, error: () => undefined };

let folder: string;
let name: string;
let ledger: FakeLedger;
let file: AuditFile;
let trail: AuditTrail;

async function openTrail(): Promise<void> {
  file = await openAuditFile(name, silent);
  trail = createAuditTrail({ ledger, file, ledgerMs: 1_000, log: silent });
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plura-audit-'));
  name = path.join(folder, 'audit.jsonl');
  ledger = createFakeLedger();
  await openTrail();
});

afterEach(async () => {
  await file.close();
  await rm(folder, { recursive: true });
});

const subjects = (): readonly string[] => ledger.audit.map(({ subject }) => subject);

it('writes to Postgres, and nothing to the file', async () => {
  await trail.record(entryOf('one'), 'k1');

  expect(subjects()).toEqual(['one']);
  expect(await readFile(name, 'utf8')).toBe('');
});

it('writes to the file while Postgres is away, for its owner alone, and carries over later', async () => {
  ledger.fail('LEDGER_UNAVAILABLE', 3);
  await Promise.all([trail.record(entryOf('one'), 'k1'), trail.record(entryOf('two'), 'k2')]);
  await expect(trail.carryOver()).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  await trail.carryOver();
  await trail.carryOver();

  expect(subjects()).toEqual(['two', 'one']);
  expect((await stat(name)).mode & 0o777).toBe(0o600);
});

it('carries over what an earlier process left', async () => {
  ledger.fail('LEDGER_UNAVAILABLE', 1);
  await trail.record(entryOf('one'), 'k1');
  await file.close();
  await openTrail();
  await trail.carryOver();

  expect(subjects()).toEqual(['one']);
});

it.each<[string, () => Promise<unknown>]>([
  ['moved', () => rename(name, `${name}.old`)],
  ['deleted', () => rm(name)],
  ['emptied', () => truncate(name)],
  ['written to by somebody else', () => appendFile(name, '\n')],
  ['replaced', () => rename(name, `${name}.old`).then(() => writeFile(name, ''))],
])('records nothing more when the file was %s', async (_what, change) => {
  ledger.fail('LEDGER_UNAVAILABLE', 2);
  await trail.record(entryOf('one'), 'k1');
  await change();

  await expect(trail.record(entryOf('two'), 'k2')).rejects.toMatchObject({
    code: 'LEDGER_UNAVAILABLE',
  });
});

it('goes on after a line that a power loss tore', async () => {
  ledger.fail('LEDGER_UNAVAILABLE', 2);
  await trail.record(entryOf('one'), 'k1');
  await file.close();
  await appendFile(name, '{"key":"k2","entry":{"at":"2026-');
  await openTrail();
  await trail.record(entryOf('three'), 'k3');
  await trail.carryOver();

  expect(trail.off).toBeNull();
  expect(subjects()).toEqual(['three', 'one']);
});

it('is off over a file that it does not understand, and carries over what it does', async () => {
  ledger.fail('LEDGER_UNAVAILABLE', 1);
  await trail.record(entryOf('one'), 'k1');
  await file.close();
  await appendFile(name, 'not json\n');
  await openTrail();

  const recorded = trail.record(entryOf('two'), 'k2');
  await expect(recorded).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  await trail.carryOver();

  expect(trail.off).toMatch(/log/);
  expect(subjects()).toEqual(['one']);
});
