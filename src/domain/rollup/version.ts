import { isSemver } from '../reference';

/** What an earlier rebuild put behind the developers' version. */
const REBUILT = /^(?<before>.*)(?:-|\.)base\.\d{8}(?:\.\d+)?$/;
const PLAIN = /^(\d+)\.(\d+)\.(\d+)$/;

/**
 * The version of a rebuild: after the stable one and after its earlier rebuilds, before what the developers release next (semver 2.0.0,
 * section 11). `1.4.2` becomes `1.4.3-base.20261130`, `1.5.0-rc.1` becomes `1.5.0-rc.1.base.20261130`, and the second of one day ends in
 * `.2`. Null when there is none, since it would be too long.
 *
 * @param at RFC 3339
 * @param number from 1 up: which rebuild of the day it is
 */
export function rebuildVersion(stable: string, at: string, number: number): string | null {
  const suffix = `base.${at.slice(0, 10).replaceAll('-', '')}${number > 1 ? `.${number}` : ''}`;
  const version = `${prefixOf(stable)}${suffix}`;
  return isSemver(version) ? version : null;
}

function prefixOf(stable: string): string {
  const before = REBUILT.exec(stable)?.groups?.['before'];
  // Rebuilt before: `1.4.3-base.…` says 1.4.3 already.
  if (before !== undefined) return PLAIN.test(before) ? `${before}-` : `${before}.`;
  const [, major = '', minor = '', patch = ''] = PLAIN.exec(stable) ?? [];
  return patch === '' ? `${stable}.` : `${major}.${minor}.${Number(patch) + 1}-`;
}
