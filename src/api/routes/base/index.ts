import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { registerAllowBase } from './allow';
import { registerGetBaseImport, registerImportBase } from './import';
import { registerListBases } from './list';
import { registerWithdrawBase } from './withdraw';

/** Base images (docs/bases.md). */
export function registerBaseRoutes(app: Api, deps: ApiDependencies): void {
  registerListBases(app, deps);
  registerImportBase(app, deps);
  registerGetBaseImport(app, deps);
  registerAllowBase(app, deps);
  registerWithdrawBase(app, deps);
}
