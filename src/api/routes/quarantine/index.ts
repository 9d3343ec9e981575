import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { registerAddQuarantine } from './add';
import { registerGetQuarantine } from './get';
import { registerListQuarantine } from './list';
import { registerQuarantineMatching } from './matching';
import { registerReleaseQuarantine } from './release';

export function registerQuarantineRoutes(app: Api, deps: ApiDependencies): void {
  registerAddQuarantine(app, deps);
  registerQuarantineMatching(app, deps);
  registerListQuarantine(app, deps);
  registerGetQuarantine(app, deps);
  registerReleaseQuarantine(app, deps);
}
