import { execFile } from 'node:child_process';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { ReleaseError } from '../../contract/errors';
import type { LayerEntry } from './tar-layer';

const run = promisify(execFile);

const GOROOT = 'usr/local/go';
const TOOLS = ['asm', 'compile', 'link'];
const FILL_TIMEOUT_MS = 5 * 60_000;

/** What the samples import, so that their builds compile nothing but themselves. */
const WARM_IMPORTS = [
  'context',
  'encoding/json',
  'html/template',
  'log/slog',
  'math/rand/v2',
  'net/http',
  'os/signal',
  'sync/atomic',
];

/**
 * Go takes a cache entry as fresh while its time is ahead of the clock, so nothing is touched, copied up
 * or trimmed in the container (cmd/go, internal/cache, `used` and `Trim`). tar-stream cannot write a later one.
 */
const CACHE_TIME = new Date('2038-01-01T00:00:00Z');

/** Environment of every build on the base; action ids in the cache depend on it. */
export const GO_BASE_ENV: Readonly<Record<string, string>> = {
  PATH: '/usr/local/go/bin',
  HOME: '/go',
  GOROOT: '/usr/local/go',
  GOPATH: '/go',
  GOCACHE: '/go/cache',
  GOFLAGS: '-trimpath -buildvcs=false',
  GOPROXY: 'off',
  GOTOOLCHAIN: 'local',
  GOTELEMETRY: 'off',
  CGO_ENABLED: '0',
};

export interface GoToolchain {
  readonly go: string;
  readonly goRoot: string;
  /** e.g. `go1.26.8`. */
  readonly version: string;
  readonly architecture: string;
}

function goEnvironment(): NodeJS.ProcessEnv {
  const { GOFLAGS, GOTOOLCHAIN, GOTELEMETRY, GOPROXY, CGO_ENABLED } = GO_BASE_ENV;
  // No GOROOT, no GOPATH of the caller's: the go command knows its own.
  return { PATH: '/usr/bin:/bin', GOFLAGS, GOTOOLCHAIN, GOTELEMETRY, GOPROXY, CGO_ENABLED };
}

/** @throws ReleaseError BUILDER_UNAVAILABLE when there is no Go toolchain behind `go`. */
export async function findGo(go: string): Promise<GoToolchain> {
  try {
    const { stdout } = await run(go, ['env', 'GOROOT', 'GOVERSION', 'GOARCH'], {
      env: { ...goEnvironment(), HOME: '/nonexistent', GOCACHE: 'off' },
      timeout: 10_000,
    });
    const [goRoot = '', version = '', architecture = ''] = stdout.trim().split('\n');
    return { go, goRoot, version, architecture };
  } catch (cause) {
    throw new ReleaseError('BUILDER_UNAVAILABLE', `There is no Go toolchain at "${go}".`, {
      cause,
      details: { remedy: 'install Go and see that `go version` works' },
    });
  }
}

/** Compiles the standard packages that the samples need into `goCache`, as the container would. */
export async function fillGoCache(go: string, workFolder: string, goCache: string): Promise<void> {
  const source = join(workFolder, 'warm');
  await mkdir(source, { recursive: true });
  const imports = WARM_IMPORTS.map((name) => `import _ "${name}"`).join('\n');
  await writeFile(join(source, 'go.mod'), 'module warm\n\ngo 1.22\n');
  await writeFile(join(source, 'main.go'), `package main\n\n${imports}\n\nfunc main() {}\n`);
  await run(go, ['build', '-o', join(workFolder, 'warm.bin'), '.'], {
    cwd: source,
    env: { ...goEnvironment(), HOME: workFolder, GOCACHE: goCache },
    timeout: FILL_TIMEOUT_MS,
  });
}

/** Tests, test data, the go command's own source, and what only other systems compile. */
function isLeftOut(name: string, architecture: string): boolean {
  if (name.endsWith('_test.go')) {
    return true;
  }
  const suffix =
    /_(windows|darwin|freebsd|netbsd|openbsd|plan9|solaris|aix|dragonfly|js|wasip1|illumos|android|ios)(_[a-z0-9]+)?\.(go|s)$/;
  const other = /_(386|amd64|arm|arm64|loong64|mips\w*|ppc64\w*|riscv64|s390x|wasm)\.(go|s)$/.exec(
    name,
  );
  return suffix.test(name) || (other !== null && other[1] !== architecture);
}

async function* walk(
  folder: string,
  target: string,
  keep: (name: string, isFolder: boolean) => boolean,
  options: { readonly mode: number; readonly mtime?: Date },
): AsyncGenerator<LayerEntry> {
  const found = await readdir(folder, { withFileTypes: true });
  const time = options.mtime ? { mtime: options.mtime } : {};
  yield { path: target, mode: 0o755, ...time };
  for (const entry of found.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const from = join(folder, entry.name);
    const to = `${target}/${entry.name}`;
    if (entry.isDirectory() && keep(entry.name, true)) {
      yield* walk(from, to, keep, options);
    } else if (entry.isFile() && keep(entry.name, false)) {
      yield { path: to, mode: options.mode, content: from, ...time };
    }
  }
}

/** A Go toolchain for Linux without a shell: RUN in exec form. `goCache` comes filled. */
export async function* goBaseEntries(
  { goRoot, architecture }: GoToolchain,
  goCache: string,
): AsyncGenerator<LayerEntry> {
  const tools = `pkg/tool/linux_${architecture}`;
  for (const path of ['usr', 'usr/local', GOROOT, `${GOROOT}/bin`, `${GOROOT}/pkg`]) {
    yield { path, mode: 0o755 };
  }
  for (const path of [`${GOROOT}/pkg/tool`, `${GOROOT}/${tools}`, 'go', 'src', 'out']) {
    yield { path, mode: 0o755 };
  }
  yield { path: 'tmp', mode: 0o1777 };
  for (const name of ['VERSION', 'go.env']) {
    yield { path: `${GOROOT}/${name}`, mode: 0o644, content: join(goRoot, name) };
  }
  for (const path of ['bin/go', ...TOOLS.map((tool) => `${tools}/${tool}`)]) {
    yield { path: `${GOROOT}/${path}`, mode: 0o755, content: join(goRoot, path) };
  }
  yield* walk(join(goRoot, 'pkg/include'), `${GOROOT}/pkg/include`, () => true, { mode: 0o644 });
  yield* walk(
    join(goRoot, 'src'),
    `${GOROOT}/src`,
    (name, isFolder) =>
      isFolder ? name !== 'testdata' && name !== 'cmd' : !isLeftOut(name, architecture),
    { mode: 0o644 },
  );
  yield* walk(goCache, 'go/cache', () => true, { mode: 0o644, mtime: CACHE_TIME });
}
