import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { toolPath } from './tools';

export interface Tally {
  readonly passed: number;
  /** Failures and errors of the suite. */
  readonly failed: number;
  /** What the suite saw was not supported, or was told not to try. */
  readonly skipped: number;
}

export interface ConformanceReport {
  readonly total: Tally;
  /** By test name; a name comes once for each digest or tag that it was tried on. */
  readonly byName: ReadonlyMap<string, Tally>;
  /** What the suite said about each test that did not pass. */
  readonly said: ReadonlyMap<string, readonly string[]>;
}

export interface ConformanceTarget {
  readonly host: string;
  readonly credentials?: { readonly username: string; readonly password: string };
}

const TIMEOUT_MS = 240_000;

const ENTITIES: Readonly<Record<string, string>> = {
  lt: '<',
  gt: '>',
  amp: '&',
  quot: '"',
  apos: "'",
};

function unescape(text: string): string {
  return text
    .replace(/&#x([0-9A-Fa-f]+);/g, (_, code: string) => String.fromCodePoint(parseInt(code, 16)))
    .replace(/&#(\d+);/g, (_, code: string) => String.fromCodePoint(Number(code)))
    .replace(/&(lt|gt|amp|quot|apos);/g, (_, name: string) => ENTITIES[name] ?? '');
}

function add(tally: Tally, status: string): Tally {
  if (status === 'passed') return { ...tally, passed: tally.passed + 1 };
  if (status === 'skipped') return { ...tally, skipped: tally.skipped + 1 };
  return { ...tally, failed: tally.failed + 1 };
}

const NONE: Tally = { passed: 0, failed: 0, skipped: 0 };

/** junit.xml of the suite: a flat list of test cases, each with its status. */
export function parseReport(junit: string): ConformanceReport {
  const byName = new Map<string, Tally>();
  const said = new Map<string, string[]>();
  let total = NONE;
  for (const [, attributes = '', body = ''] of junit.matchAll(
    /<testcase ([^>]*)>(.*?)<\/testcase>/gs,
  )) {
    const name = unescape(/\bname="([^"]*)"/.exec(attributes)?.[1] ?? '');
    const status = /\bstatus="([^"]*)"/.exec(attributes)?.[1] ?? '';
    total = add(total, status);
    byName.set(name, add(byName.get(name) ?? NONE, status));
    if (status === 'passed') continue;
    const text = unescape(/<system-out>(.*?)<\/system-out>/s.exec(body)?.[1] ?? '');
    said.set(name, [...(said.get(name) ?? []), text.trim()]);
  }
  return { total, byName, said };
}

/** The official suite (opencontainers/distribution-spec/conformance) against a registry; its exit code counts for nothing here. */
export async function runConformance(target: ConformanceTarget): Promise<ConformanceReport> {
  const folder = await mkdtemp(join(tmpdir(), 'plura-conformance-'));
  const env = {
    PATH: process.env['PATH'],
    OCI_REGISTRY: target.host,
    OCI_TLS: 'disabled',
    OCI_REPO1: 'scratch/conformance',
    OCI_REPO2: 'scratch/crossmount',
    OCI_LOG: 'error',
    OCI_RESULTS_DIR: folder,
    ...(target.credentials
      ? { OCI_USERNAME: target.credentials.username, OCI_PASSWORD: target.credentials.password }
      : {}),
  };
  try {
    const output = await new Promise<string>((resolve) => {
      const options = { env, cwd: folder, timeout: TIMEOUT_MS, maxBuffer: 64 * 1024 * 1024 };
      execFile(toolPath('conformance'), [], options, (error, stdout, stderr) => {
        resolve(
          `${(error?.message ?? '').slice(0, 500)} ${stderr.slice(-2000)} ${stdout.slice(-500)}`,
        );
      });
    });
    const junit = await readFile(join(folder, 'junit.xml'), 'utf8').catch(() => {
      throw new Error(`the suite left no report: ${output}`);
    });
    return parseReport(junit);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
