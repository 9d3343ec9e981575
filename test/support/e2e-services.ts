import { cp, mkdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { repositoryRoot } from '../../src/local/repository-root';

export interface SampleService {
  readonly svc: string;
  /** As in a catalogue. */
  readonly plan?: unknown;
  readonly drill?: boolean;
}

/** A folder to build from, and how what is built there behaves: test/support/sample-server. */
export interface SampleSource {
  readonly env?: Readonly<Record<string, string>>;
  readonly labels?: Readonly<Record<string, string>>;
  /** Files of bases/static that its build takes; without one it fails. */
  readonly baseFiles?: readonly string[];
}

export interface Samples {
  readonly services: readonly SampleService[];
  /** By the name of the folder. */
  readonly sources: Readonly<Record<string, SampleSource>>;
}

function lines(instruction: string, values: Readonly<Record<string, string>> = {}): string {
  return Object.entries(values)
    .map(([name, value]) => `${instruction} ${name}=${JSON.stringify(value)}\n`)
    .join('');
}

/** After all that costs time, so that sources which differ in their environment share one build. */
function dockerfileOf(base: string, { env, labels, baseFiles = [] }: SampleSource): string {
  const copies = baseFiles.map((file) => `COPY --from=bases/static ${file} /taken${file}\n`);
  const own = `${lines('ENV', env)}${lines('LABEL', labels)}${copies.join('')}`;
  return base.replace(/^USER /m, `${own}USER `);
}

/** Writes catalogue and sources into the state folder; returns the settings that name them. */
export async function writeSamples(
  stateDir: string,
  { services, sources }: Samples,
): Promise<Readonly<Record<string, string>>> {
  const root = path.join(stateDir, 'sources');
  const base = await readFile(
    path.join(repositoryRoot(), 'src/local/services/checkout/Dockerfile'),
    'utf8',
  );
  for (const [name, source] of Object.entries(sources)) {
    const folder = path.join(root, name);
    await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, 'Dockerfile'), dockerfileOf(base, source));
    await writeFile(path.join(folder, 'go.mod'), 'module sample\n\ngo 1.22\n');
    await cp(path.join(__dirname, 'sample-server/main.go'), path.join(folder, 'main.go'));
  }
  const catalog = path.join(stateDir, 'catalog.yaml');
  const entries = services.map(({ svc, plan, drill }) => ({
    svc,
    name: svc,
    owner: 'team-test',
    region: 'eu-west-1',
    ...(plan !== undefined && { plan }),
    ...(drill !== undefined && { drill }),
  }));
  // JSON is YAML too.
  await writeFile(catalog, JSON.stringify({ apiVersion: 'plura.reg/v1', services: entries }));
  return { PLURA_CATALOG: catalog, PLURA_SOURCE_ROOT: root };
}
