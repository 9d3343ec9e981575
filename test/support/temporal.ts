import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { defineSearchAttributeKey } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, Runtime, type WorkerOptions } from '@temporalio/worker';
import { SEARCH_ATTRIBUTES } from '../../src/contract/search-attributes';
import { toolPath } from './tools';

const ROOT = resolve(__dirname, '../..');

/**
 * The dev server is throttled unless told otherwise (design, decision 16), and lets no timer or retry come sooner than after a second,
 * since hosts of a cluster differ in their clocks. Lanes continue as new after few events.
 */
const DYNAMIC_CONFIG = [
  'history.transferProcessorMaxPollRPS=1000',
  'history.timerProcessorMaxPollRPS=1000',
  'history.timerProcessorMaxTimeShift="10ms"',
  'system.enableActivityEagerExecution=true',
  'limit.historyCount.suggestContinueAsNew=150',
];

const searchAttributes = Object.values(SEARCH_ATTRIBUTES).map((name) =>
  defineSearchAttributeKey(name, 'KEYWORD'),
);

export function useQuietRuntime(): void {
  const level = process.env['PLURA_TEST_LOG'] === undefined ? 'ERROR' : 'INFO';
  Runtime.install({
    logger: new DefaultLogger(level),
    telemetryOptions: { logging: { filter: level, forward: {} } },
    // Tests stop their own workers; Jest's signals are Jest's.
    shutdownSignals: [],
  });
}

/** A real Temporal server in memory: for races, updates and signals. */
export async function startDevServer(): Promise<TestWorkflowEnvironment> {
  useQuietRuntime();
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: toolPath('temporal') },
      searchAttributes,
      extraArgs: DYNAMIC_CONFIG.flatMap((value) => ['--dynamic-config-value', value]),
    },
  });
}

/** The SDK gives the JVM 5 s to listen, which a busy machine needs for itself: then it is asked for once more, with warm files. */
async function createTimeSkipping(retries: number): Promise<TestWorkflowEnvironment> {
  try {
    return await TestWorkflowEnvironment.createTimeSkipping({
      server: { executable: { type: 'existing-path', path: timeSkippingServerPath() } },
    });
  } catch (error) {
    if (retries === 0 || !String(error).includes('did not start')) throw error;
    return createTimeSkipping(retries - 1);
  }
}

/** Skips time while workflows wait: for windows at their full length. */
export async function startTimeSkippingServer(): Promise<TestWorkflowEnvironment> {
  useQuietRuntime();
  const environment = await createTimeSkipping(2);
  // IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
  const attributes = Object.fromEntries(Object.values(SEARCH_ATTRIBUTES).map((name) => [name, 2]));
  await environment.connection.operatorService.addSearchAttributes({
    searchAttributes: attributes,
    namespace: environment.namespace ?? 'default',
  });
  return environment;
}

export function timeSkippingServerPath(): string {
  const home = process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache');
  const cache = process.env['PLURA_CACHE_DIR'] ?? home;
  return join(cache, 'plura-reg/tools/temporal-test-server/1.38.0/temporal-test-server');
}

function sourcesOf(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

/** Bundled once for all test files of the same sources. */
export async function loadWorkflowBundle(): Promise<NonNullable<WorkerOptions['workflowBundle']>> {
  const hash = createHash('sha256');
  for (const folder of ['workflows', 'src/domain', 'src/contract']) {
    for (const file of sourcesOf(join(ROOT, folder))) hash.update(readFileSync(file));
  }
  const folder = join(tmpdir(), 'plura-reg-test-bundles');
  const file = join(folder, `${hash.digest('hex')}.js`);
  if (!existsSync(file)) {
    const { code } = await bundleWorkflowCode({
      workflowsPath: join(ROOT, 'workflows/index.ts'),
      logger: new DefaultLogger('ERROR'),
    });
    mkdirSync(folder, { recursive: true });
    // Another test file may be doing the same: the last rename wins, both are right.
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, code);
    renameSync(draft, file);
  }
  return { codePath: file };
}
