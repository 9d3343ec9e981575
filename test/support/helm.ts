import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { Raw } from './guardrail-builders';
import { toolPath } from './tools';

const TIMEOUT_MS = 60_000;

/** @throws Error with what helm said, when it fails */
export async function helm(...args: readonly string[]): Promise<string> {
  const env = { PATH: process.env['PATH'], HOME: tmpdir() };
  const { stdout } = await promisify(execFile)(toolPath('helm'), args, {
    env,
    timeout: TIMEOUT_MS,
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}

/** The objects that a chart makes in a namespace. */
export async function renderChart(
  chart: string,
  namespace: string,
  ...args: readonly string[]
): Promise<readonly Raw[]> {
  const text = await helm('template', 'shop', chart, '--namespace', namespace, ...args);
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Raw | null)
    .filter((object) => object !== null);
}
