import { chmodSync, existsSync, mkdirSync } from 'node:fs';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { SetupError } from '../process/setup-error';
import { toolDir } from './cache';
import { findOnPath } from './path-lookup';
import { runLogged } from './run-logged';

const NAME = 'temporal-test-server';
const VERSION = '1.38.0';

const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>plura.local</groupId>
  <artifactId>tool</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

const WRAPPER = `#!/bin/sh
exec java -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$@"
`;

export interface TestServerContext {
  readonly cacheDir: string;
  readonly environment: Readonly<NodeJS.ProcessEnv>;
  readonly signal: AbortSignal;
  onBuild(): void;
}

export function testServerScript(cacheDir: string): string {
  return join(toolDir(cacheDir, NAME, VERSION), NAME);
}

/**
 * Temporal's time-skipping server, for tests only: jars of Maven Central behind a two-line script.
 * @throws SetupError when Java or Maven is not there.
 */
export async function ensureTestServer(context: TestServerContext): Promise<string> {
  const folder = toolDir(context.cacheDir, NAME, VERSION);
  const script = testServerScript(context.cacheDir);
  if (existsSync(script)) {
    return script;
  }
  const { PATH = '', HOME = '' } = context.environment;
  const missing = ['java', 'mvn'].filter((name) => findOnPath(name, PATH) === undefined);
  if (missing.length > 0) {
    const message = `${missing.join(' and ')} not found: tests that skip time can't run.`;
    throw new SetupError(message, 'Install a Java 11 or newer runtime and Maven.');
  }
  context.onBuild();
  mkdirSync(folder, { recursive: true });
  const workDir = await mkdtemp(join(folder, '.build-'));
  try {
    await writeFile(join(workDir, 'pom.xml'), POM);
    const jars = join(workDir, 'lib');
    const args = ['-q', '-B', 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`];
    const step = { command: 'mvn', args, cwd: workDir, env: { PATH, HOME } };
    const remedy = 'Check the network and ~/.m2/settings.xml, then run the command again.';
    await runLogged(NAME, [step], join(folder, 'build.log'), remedy, context.signal);
    await rm(join(folder, 'lib'), { recursive: true, force: true });
    await rename(jars, join(folder, 'lib'));
    await writeFile(join(workDir, NAME), WRAPPER);
    chmodSync(join(workDir, NAME), 0o755);
    // Last, so that its presence says that the jars are complete.
    await rename(join(workDir, NAME), script);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
  return script;
}
