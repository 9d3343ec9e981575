import type { Api } from '../../api';
import type { ApiDependencies } from '../../dependencies';
import { registerApproveGcPlan } from './approve';
import { registerDiffGc, registerExplainGc } from './ask';
import { registerGcPlanning, registerPlanGc } from './plan';
import { registerGetGcPlan, registerListGcItems, registerListGcPlans } from './plans';
import { registerRunGcPlan } from './run';

export function registerGcRoutes(app: Api, deps: ApiDependencies): void {
  registerPlanGc(app, deps);
  registerGcPlanning(app, deps);
  registerListGcPlans(app, deps);
  registerGetGcPlan(app, deps);
  registerListGcItems(app, deps);
  registerApproveGcPlan(app, deps);
  registerRunGcPlan(app, deps);
  registerExplainGc(app, deps);
  registerDiffGc(app, deps);
}
