import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { registerAddWormCopy } from './add';
import { registerExportWormCopy } from './export';
import { registerExtendWormCopy } from './extend';
import { registerGetWormCopy } from './get';
import { registerListWormCopies } from './list';
import { registerRestoreWormCopy } from './restore';
import { registerVerifyWormCopy } from './verify';

/** Incident copies (docs/worm.md). */
export function registerWormRoutes(app: Api, deps: ApiDependencies): void {
  registerAddWormCopy(app, deps);
  registerListWormCopies(app, deps);
  registerGetWormCopy(app, deps);
  registerVerifyWormCopy(app, deps);
  registerExtendWormCopy(app, deps);
  registerRestoreWormCopy(app, deps);
  registerExportWormCopy(app, deps);
}
