/** Of a source folder and the commit it was released from. `unknown`: no git repository, or none with that commit. */
export type SourceComparison = 'same' | 'changed' | 'unknown';

/** Why a folder may not be built as that commit; null when it may. */
export function refuseSource(
  comparison: SourceComparison,
  source: { readonly path: string; readonly revision: string },
  unknownSource: 'rebuild' | 'skip',
): string | null {
  const what = `${source.path} at ${source.revision}`;
  switch (comparison) {
    case 'same':
      return null;
    case 'changed':
      return `the source folder is no longer ${what}, as it was released`;
    case 'unknown':
      return unknownSource === 'rebuild' ? null : `whether the source is ${what} can't be told`;
  }
}
