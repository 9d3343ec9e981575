import {
  appendFile,
  mkdir,
  mkdtemp,
  open,
  readFile,
  rm,
  stat,
  writeFile,
  type FileHandle,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openAuditFile, type AuditFile } from '../../../../src/admission/break-glass/audit-file';
import type { WaitingEntry } from '../../../../src/admission/break-glass/audit-lines';

const lineOf = (key: string): WaitingEntry => ({
  key,
  entry: {
    at: '2026-03-01T12:00:00.000Z',
    actor: 'rita',
    action: 'admission.break-glass',
    svc: 'admission',
    subject: 'shop-prod/Pod shop',
    details: { reason: 'größte Not' },
  },
});
const textOf = (...keys: readonly string[]): string =>
  keys.map((key) => `${JSON.stringify(lineOf(key))}\n`).join('');

let folder: string;
let name: string;
let file: AuditFile | null;
let logged: { readonly level: string; readonly facts: unknown; readonly text: string }[];

const told =
  (level: string) =>
  (facts: unknown, text = ''): void => {
    logged.push({ level, facts, text });
  };

async function openIt(): Promise<AuditFile> {
  await file?.close();
  file = await openAuditFile(name, { warn: told('warn'), error: told('error') });
  return file;
}

const keysLeft = ({ left }: AuditFile): readonly string[] => left.map(({ key }) => key);

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'plura-audit-'));
  name = path.join(folder, 'audit.jsonl');
  file = null;
  logged = [];
});

afterEach(async () => {
  jest.restoreAllMocks();
  await file?.close();
  await rm(folder, { recursive: true });
});

describe('a torn last line', () => {
  it('is left alone where another replica is writing it', async () => {
    const [begin, end] = [textOf('one').slice(0, 30), textOf('one').slice(30)];
    await writeFile(name, begin);
    const opening = openIt();
    await sleep(100);
    await appendFile(name, end);

    expect((await opening).fault).toMatch(/somebody writes to it/);
    expect(await readFile(name, 'utf8')).toBe(textOf('one'));
  });

  it.each<[string, string]>([
    ['half an entry', textOf('k3').slice(0, 40)],
    ['half a character', 'ö'],
    ['all of an entry but its end', textOf('k3').trimEnd()],
    ['what a file system leaves after a power loss', '\0'.repeat(64)],
  ])('is cut off and kept beside the file: %s', async (_what, text) => {
    const tail = Buffer.from(text).subarray(0, text === 'ö' ? 1 : undefined);
    await writeFile(name, textOf('k1', 'k2'));
    await appendFile(name, tail);

    const opened = await openIt();
    await opened.append(lineOf('k4'));

    expect(opened.fault).toBeNull();
    expect(keysLeft(opened)).toEqual(['k1', 'k2']);
    expect(await readFile(name, 'utf8')).toBe(textOf('k1', 'k2', 'k4'));
    expect(await readFile(`${name}.torn`)).toEqual(Buffer.concat([tail, Buffer.from('\n')]));
    expect((await stat(`${name}.torn`)).mode & 0o777).toBe(0o600);
    expect(logged).toEqual([
      {
        level: 'warn',
        facts: { file: name, bytes: tail.length, keptIn: `${name}.torn` },
        text: expect.stringContaining('torn') as string,
      },
    ]);
  });

  it('joins those that were kept before', async () => {
    await writeFile(name, 'one');
    await openIt();
    await writeFile(name, 'two');
    await openIt();

    expect(await readFile(`${name}.torn`, 'utf8')).toBe('one\ntwo\n');
    expect(await readFile(name, 'utf8')).toBe('');
  });

  it('is not cut off while it can not be kept', async () => {
    await writeFile(name, `${textOf('k1')}half`);
    await mkdir(`${name}.torn`);

    const opened = await openIt();

    expect(opened.fault).toMatch(/torn/);
    expect(keysLeft(opened)).toEqual(['k1']);
    expect(await readFile(name, 'utf8')).toBe(`${textOf('k1')}half`);
    await expect(opened.append(lineOf('k2'))).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
  });
});

describe('a file that is not to be written to', () => {
  it('is one with another bad line: it stays as it is, and gives the entries it has', async () => {
    const content = `${textOf('k1')}not json\n${textOf('k2')}{}\nhalf`;
    await writeFile(name, content);

    const opened = await openIt();

    expect(opened.fault).toBe('has no audit entry in line 2 and in 1 more');
    expect(keysLeft(opened)).toEqual(['k1', 'k2']);
    await expect(opened.append(lineOf('k3'))).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect(await readFile(name, 'utf8')).toBe(content);
    expect(logged).toMatchObject([{ level: 'error', facts: { file: name, reason: opened.fault } }]);
  });

  it('is one that can not be opened', async () => {
    name = path.join(folder, 'none', 'audit');

    const opened = await openIt();

    expect(opened.fault).toMatch(/^can't be opened or read: /);
    await expect(opened.append(lineOf('k1'))).rejects.toMatchObject({ code: 'LEDGER_UNAVAILABLE' });
    expect(logged).toMatchObject([{ level: 'error' }]);
  });
});

describe('a full disk', () => {
  async function fileMethods(): Promise<FileHandle> {
    const handle = await open(folder);
    await handle.close();
    return Object.getPrototypeOf(handle) as FileHandle;
  }

  async function fillOnce(): Promise<FileHandle> {
    const methods = await fileMethods();
    jest.spyOn(methods, 'appendFile').mockImplementationOnce(async function (
      this: FileHandle,
      data,
    ) {
      await this.write(Buffer.from(data as Uint8Array).subarray(0, 20));
      throw new Error('ENOSPC: no space left on device, write');
    });
    return methods;
  }

  it('leaves no half line behind, and what comes later is written', async () => {
    const opened = await openIt();
    await opened.append(lineOf('k1'));
    await fillOnce();

    await expect(opened.append(lineOf('k2'))).rejects.toThrow(/can't be written: ENOSPC/);
    expect(await readFile(name, 'utf8')).toBe(textOf('k1'));
    await opened.append(lineOf('k3'));

    expect(await readFile(name, 'utf8')).toBe(textOf('k1', 'k3'));
  });

  it('has the half line cut off before the next, when it could not be at once', async () => {
    const opened = await openIt();
    const methods = await fillOnce();
    jest.spyOn(methods, 'truncate').mockRejectedValueOnce(new Error('EIO'));

    await expect(opened.append(lineOf('k1'))).rejects.toThrow(/can't be written: ENOSPC/);
    await opened.append(lineOf('k2'));

    expect(await readFile(name, 'utf8')).toBe(textOf('k2'));
  });

  it('does not make it cut off what somebody else wrote', async () => {
    const opened = await openIt();
    await fillOnce();
    await expect(opened.append(lineOf('k1'))).rejects.toThrow(/ENOSPC/);
    await appendFile(name, 'mine\n');

    await expect(opened.append(lineOf('k2'))).rejects.toThrow(/changed by somebody else/);
    expect(await readFile(name, 'utf8')).toBe('mine\n');
  });
});
