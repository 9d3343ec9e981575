import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';

export const ROOT = path.resolve(__dirname, '../..');

/** Long syntax (compose-spec, 05-services.md, "volumes"). */
interface LongMount {
  readonly type: string;
  readonly source: string;
  readonly target: string;
  readonly read_only?: boolean;
  readonly volume?: { readonly subpath?: string };
}

interface ComposeService {
  readonly image?: string;
  readonly build?: unknown;
  readonly command?: readonly string[];
  readonly privileged?: boolean;
  readonly restart?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: { readonly test: readonly string[] };
  readonly volumes?: readonly (string | LongMount)[];
  readonly networks?: readonly string[];
  readonly network_mode?: string;
  readonly ports?: readonly string[];
  readonly secrets?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly cap_drop?: readonly string[];
}

export interface Mount {
  /** A named volume, or a path of the host. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  /** Folder of the volume; null is all of it. */
  readonly subpath: string | null;
}

export interface ComposeFile {
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly networks: Readonly<Record<string, unknown>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

export function readText(file: string): string {
  return readFileSync(path.join(ROOT, file), 'utf8');
}

/** docker-compose.yml with its anchors and merges resolved, variables as written. */
export function readCompose(text = readText('docker-compose.yml')): ComposeFile {
  return parse(text, { merge: true }) as ComposeFile;
}

/** Variables as Compose fills them in (compose-spec, 12-interpolation.md): `${A}`, `${A:-b}`, `${A:?why}`, `$$`. */
export function interpolate(text: string, env: Readonly<Record<string, string>>): string {
  return text.replaceAll(
    /\$(?:\$|\{([A-Z0-9_]+)(?::([-?])([^}]*))?\})/g,
    (whole, name: string | undefined, kind: string | undefined, rest: string | undefined) => {
      if (name === undefined) {
        return '$';
      }
      const value = env[name] ?? '';
      if (value === '' && kind === '?') {
        throw new Error(`${name} is required: ${rest ?? ''} (${whole})`);
      }
      return value === '' && kind === '-' ? (rest ?? '') : value;
    },
  );
}

/** What a service sees, variables by their defaults. */
export function mountsOf({ volumes = [] }: Pick<ComposeService, 'volumes'>): readonly Mount[] {
  return volumes.map((mount) => {
    if (typeof mount !== 'string') {
      const { source, target, read_only: readOnly = false, volume } = mount;
      return { source, target, readOnly, subpath: volume?.subpath ?? null };
    }
    const [source = '', target = '', mode] = interpolate(mount, {}).split(':');
    return { source, target, readOnly: mode === 'ro', subpath: null };
  });
}
