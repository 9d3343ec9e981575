import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  compareSource,
  readAuthor,
  readCommitTime,
  readRevision,
} from '../../../../src/adapters/git/folder';

const IDENTITY = {
  GIT_AUTHOR_NAME: 'Rita',
  GIT_AUTHOR_EMAIL: 'rita@example.com',
  GIT_COMMITTER_NAME: 'Bot',
  GIT_COMMITTER_EMAIL: 'bot@example.com',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_SYSTEM: '/dev/null',
};

describe('what git says of a folder', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'plura-git-'));
  });
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  function git(...args: readonly string[]): void {
    execFileSync('git', ['-C', folder, ...args], { env: { ...process.env, ...IDENTITY } });
  }

  function commit(email: string): void {
    writeFileSync(join(folder, 'file'), email);
    git('add', 'file');
    git('commit', '-q', '-m', 'a change', `--author=Someone <${email}>`);
  }

  it('is the commit it is at, and who wrote that one or an earlier one', async () => {
    git('init', '-q');
    commit('rita@example.com');
    const first = (await readRevision(folder)) ?? '';
    commit('adam@example.com');
    const second = (await readRevision(folder)) ?? '';

    expect(second).toMatch(/^[0-9a-f]{40}$/);
    expect(await readAuthor(folder, first.slice(0, 7))).toBe('rita@example.com');
    expect(await readAuthor(folder, second)).toBe('adam@example.com');
  });

  it('knows when a commit was committed', async () => {
    git('init', '-q');
    const before = Math.floor(Date.now() / 1000) * 1000;
    commit('rita@example.com');

    const time = await readCommitTime(folder, (await readRevision(folder)) ?? '');

    expect(time).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.000Z$/);
    expect(Date.parse(time ?? '')).toBeGreaterThanOrEqual(before);
    expect(Date.parse(time ?? '')).toBeLessThanOrEqual(Date.now());
  });

  it('tells whether a folder is what a commit holds of it, whatever else was committed since', async () => {
    git('init', '-q');
    const source = join(folder, 'shop');
    mkdirSync(source);
    writeFileSync(join(source, 'Dockerfile'), 'FROM bases/static');
    writeFileSync(join(folder, '.gitignore'), '*.log');
    git('add', '.');
    commit('rita@example.com');
    const released = ((await readRevision(folder)) ?? '').slice(0, 7);
    commit('adam@example.com');
    writeFileSync(join(source, 'build.log'), 'ignored');

    expect(await compareSource(source, released)).toBe('same');
    writeFileSync(join(source, 'new.go'), 'package main');
    expect(await compareSource(source, released)).toBe('changed');
    git('add', 'shop');
    commit('adam@example.com');
    expect(await compareSource(source, released)).toBe('changed');
    expect(await compareSource(source, 'abc1234')).toBe('unknown');
    expect(await compareSource(source, '--help')).toBe('unknown');
  });

  it('is nothing without a repository, or without that commit', async () => {
    expect(await readRevision(folder)).toBeNull();
    expect(await readAuthor(folder, 'abc1234')).toBeNull();
    expect(await readCommitTime(folder, 'abc1234')).toBeNull();
    expect(await compareSource(folder, 'abc1234')).toBe('unknown');
    git('init', '-q');
    commit('rita@example.com');
    expect(await readAuthor(folder, 'abc1234')).toBeNull();
  });

  it.each(['HEAD', '--all', '--output=/tmp/x', 'abc1234..HEAD'])(
    'gives git nothing but a commit: not %s',
    async (revision) => {
      git('init', '-q');
      commit('rita@example.com');

      expect(await readAuthor(folder, revision)).toBeNull();
      expect(await readCommitTime(folder, revision)).toBeNull();
    },
  );
});
