import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import semver from 'semver';
import type { Tool } from './catalogue';

const VERSION_TIMEOUT_MS = 5000;

/** Absolute path of an executable on a PATH, or undefined. */
export function findOnPath(name: string, searchPath: string): string | undefined {
  return searchPath
    .split(delimiter)
    .filter((folder) => folder !== '')
    .map((folder) => join(folder, name))
    .find((file) => {
      try {
        accessSync(file, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** The first version a program prints; programs built from source often print none. */
export function parseVersion(output: string): string | undefined {
  const found = /(?:^|[^\w.])v?(\d+\.\d+\.\d+(?:-[\w.]+)?)/m.exec(output);
  return found?.[1];
}

export function versionFits(output: string, range: string): boolean {
  const version = parseVersion(output);
  return version !== undefined && semver.satisfies(version, range);
}

async function saysFittingVersion(
  file: string,
  { args, fits }: NonNullable<Tool['onPath']>,
): Promise<boolean> {
  try {
    const { stdout, stderr } = await promisify(execFile)(file, [...args], {
      timeout: VERSION_TIMEOUT_MS,
      maxBuffer: 64 * 1024,
    });
    return versionFits(`${stdout}\n${stderr}`, fits);
  } catch {
    return false;
  }
}

/** The tool's binaries on PATH when all are there in a version that fits. */
export async function toolOnPath(
  tool: Tool,
  searchPath: string,
): Promise<Readonly<Record<string, string>> | undefined> {
  const { onPath } = tool;
  if (!onPath) {
    return undefined;
  }
  const found: Record<string, string> = {};
  for (const name of Object.keys(tool.binaries)) {
    const file = findOnPath(name, searchPath);
    if (file === undefined || !(await saysFittingVersion(file, onPath))) {
      return undefined;
    }
    found[name] = file;
  }
  return found;
}
