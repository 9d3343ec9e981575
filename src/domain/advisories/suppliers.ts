import { inPatchedPythonRange } from './versions/pep440-ranges';
import type { RangeCheck } from './versions/ranges';

/** How Seal Security names the packages that it patches (trivy, pkg/detector/library/seal). */
interface Naming {
  /** Renamed packages: certainly theirs. */
  readonly name: RegExp;
  readonly version: RegExp;
  /** Whether no other version looks so. */
  readonly certain: boolean;
}

const NAMINGS: Readonly<Record<string, Naming>> = {
  maven: { name: /^seal\.sp[0-9]/, version: /\+sp[0-9]+(?:p[0-9]+)?$/, certain: true },
  pip: { name: /^seal-/, version: /\+sp[0-9]+(?:p[0-9]+)?$/, certain: true },
  npm: { name: /^@seal-security\//, version: /-sp[0-9]+(?:p[0-9]+)?$/, certain: false },
  go: {
    name: /^sealsecurity\.io\//,
    version: /-sp[0-9]+(?:p[0-9]+)?(?:\+incompatible)?$/,
    certain: false,
  },
  rubygems: { name: /^seal-/, version: /\.0\.1\.sp[0-9]+(?:p[0-9]+)?$/, certain: false },
};

/** What the feeds of a supplier's patched packages begin with, before the space. */
export const SUPPLIER = 'seal ';

/** Whether a package is a supplier's: `perhaps` when its feed has to know it. */
export function isSupplied(space: string, name: string, version: string): boolean | 'perhaps' {
  const naming = Object.hasOwn(NAMINGS, space) ? NAMINGS[space] : undefined;
  if (!naming) {
    return false;
  }
  if (naming.name.test(name)) {
    return true;
  }
  return naming.version.test(version) && (naming.certain || 'perhaps');
}

export function suppliedRange(space: string, inRange: RangeCheck): RangeCheck {
  return space === 'pip' ? inPatchedPythonRange : inRange;
}
