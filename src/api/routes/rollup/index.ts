import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { registerListOptOuts, registerOptOut, registerRemoveOptOut } from './opt-outs';
import { registerOrderRollup } from './order';
import { registerPlanRollup, registerRunRollup } from './run';
import { registerGetRollup, registerListRollups } from './show';

export function registerRollupRoutes(app: Api, deps: ApiDependencies): void {
  registerListRollups(app, deps);
  registerRunRollup(app, deps);
  registerPlanRollup(app, deps);
  registerListOptOuts(app, deps);
  registerOptOut(app, deps);
  registerRemoveOptOut(app, deps);
  registerGetRollup(app, deps);
  registerOrderRollup(app, deps);
}
