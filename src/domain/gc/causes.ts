import type { GcRule } from './plan';

/** Why a tag stays or goes. */
export const TAG_CAUSE = {
  noRule: 0,
  root: 1,
  newest: 2,
  window: 3,
  active: 4,
  young: 5,
  subjectKept: 6,
  unknownTime: 7,
  noManifest: 8,
  pending: 9,
  unread: 10,
  /** From here on it goes. */
  windowPassed: 16,
  inactive: 17,
  orphaned: 18,
} as const;

export function tagGoes(cause: number): boolean {
  return cause >= TAG_CAUSE.windowPassed;
}

export function ruleOfTag(cause: number): GcRule {
  if (cause === TAG_CAUSE.windowPassed) return 'window-passed';
  return cause === TAG_CAUSE.inactive ? 'inactive' : 'orphaned-fallback-tag';
}

/** Why a manifest stays in its own right. */
export const MANIFEST_CAUSE = {
  none: 0,
  noRule: 1,
  window: 2,
  active: 3,
  young: 4,
  /** From here on because something is not known. */
  unknownTime: 8,
  pending: 9,
  childMissing: 10,
  unread: 11,
  notInInventory: 12,
} as const;

export function isUnknown(cause: number): boolean {
  return cause >= MANIFEST_CAUSE.unknownTime;
}

export const TAG_SENTENCE: Readonly<Record<number, string>> = {
  [TAG_CAUSE.noRule]: 'no rule speaks of this tag',
  [TAG_CAUSE.root]: 'it points at what is in use',
  [TAG_CAUSE.newest]: 'it is among the newest releases of its repository',
  [TAG_CAUSE.window]: 'the window of an environment that it reached is still open',
  [TAG_CAUSE.active]: 'it was pushed or pulled not long ago',
  [TAG_CAUSE.young]: 'it was pushed just now',
  [TAG_CAUSE.subjectKept]: 'what it is attached to is kept',
  [TAG_CAUSE.unknownTime]: 'nobody knows when it was pushed',
  [TAG_CAUSE.noManifest]: 'the inventory lacks the manifest that it points at',
  [TAG_CAUSE.pending]: 'a push of it is under way',
  [TAG_CAUSE.unread]: 'its repository could not be read',
  [TAG_CAUSE.windowPassed]: 'the windows of all environments that it reached have passed',
  [TAG_CAUSE.inactive]: 'it reached no environment, and was neither pushed nor pulled for long',
  [TAG_CAUSE.orphaned]: 'what it is attached to goes, or is gone',
};

export const MANIFEST_SENTENCE: Readonly<Record<number, string>> = {
  [MANIFEST_CAUSE.noRule]: 'no rule speaks of manifests of this repository',
  [MANIFEST_CAUSE.window]: 'the window of an environment that it reached is still open',
  [MANIFEST_CAUSE.active]: 'it was pulled not long ago',
  [MANIFEST_CAUSE.young]: 'it was pushed just now',
  [MANIFEST_CAUSE.unknownTime]: 'nobody knows when it was pushed',
  [MANIFEST_CAUSE.pending]: 'a push of it is under way',
  [MANIFEST_CAUSE.childMissing]: 'it names a manifest that the inventory lacks',
  [MANIFEST_CAUSE.unread]: 'a manifest of its repository that may name it could not be read',
  [MANIFEST_CAUSE.notInInventory]: 'the inventory lacks the manifest itself',
};
