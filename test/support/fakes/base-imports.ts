import type { BaseImportNote, BaseImports } from '../../../src/ports/base-imports';
import { withCallFaults, type CallFaults } from './call-faults';

export type FakeBaseImports = BaseImports & CallFaults;

/** Vendors that have nothing newer, or what is given. */
export function createFakeBaseImports(notes: readonly BaseImportNote[] = []): FakeBaseImports {
  return withCallFaults<BaseImports>({ importNewest: () => Promise.resolve(notes) });
}
