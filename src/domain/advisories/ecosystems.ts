import { inBitnamiRange } from './versions/bitnami';
import { inGenericRange } from './versions/generic';
import { inMavenRange } from './versions/maven-ranges';
import { inNpmRange } from './versions/npm';
import { inPythonRange } from './versions/pep440-ranges';
import type { RangeCheck } from './versions/ranges';
import { inGemRange } from './versions/rubygems';

/** A language, or what else is released outside distributions. */
export interface Ecosystem {
  readonly space: string;
  readonly inRange: RangeCheck;
  /** The name that advisories are filed under. */
  readonly normalise: (name: string) => string;
}

const lower = (name: string): string => name.toLowerCase();
const asIs = (name: string): string => name;

const ECOSYSTEMS: readonly Ecosystem[] = [
  { space: 'bitnami', inRange: inBitnamiRange, normalise: lower },
  { space: 'cargo', inRange: inGenericRange, normalise: lower },
  { space: 'cocoapods', inRange: inGemRange, normalise: asIs },
  { space: 'composer', inRange: inGenericRange, normalise: lower },
  { space: 'conan', inRange: inGenericRange, normalise: lower },
  { space: 'erlang', inRange: inGenericRange, normalise: lower },
  { space: 'go', inRange: inGenericRange, normalise: asIs },
  { space: 'k8s', inRange: inGenericRange, normalise: lower },
  { space: 'maven', inRange: inMavenRange, normalise: lower },
  { space: 'npm', inRange: inNpmRange, normalise: lower },
  { space: 'nuget', inRange: inGenericRange, normalise: lower },
  { space: 'pip', inRange: inPythonRange, normalise: (name) => lower(name).replaceAll('_', '-') },
  { space: 'pub', inRange: inGenericRange, normalise: lower },
  { space: 'rubygems', inRange: inGemRange, normalise: lower },
  {
    space: 'swift',
    inRange: inGenericRange,
    normalise: (name) => name.replace(/^https:\/\//, '').replace(/\.git$/, ''),
  },
];

/** Types of package URLs that are not named as their ecosystem is. */
const SPACES: Readonly<Record<string, string>> = {
  gem: 'rubygems',
  golang: 'go',
  hex: 'erlang',
  pypi: 'pip',
};
/** Spaces that no package URL is typed as. */
const NO_TYPES: readonly string[] = ['erlang', 'go', 'pip', 'rubygems'];

export function ecosystemOfSpace(space: string): Ecosystem | undefined {
  return ECOSYSTEMS.find((one) => one.space === space);
}

/** Null for types that the scanner has no advisories for. */
export function ecosystemOfPurl(type: string): Ecosystem | undefined {
  return NO_TYPES.includes(type) ? undefined : ecosystemOfSpace(SPACES[type] ?? type);
}
