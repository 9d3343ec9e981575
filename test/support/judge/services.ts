import { BAD_SERVICES } from './bad-services';
import { EQUAL_SERVICES } from './equal-services';
import { UNCLEAR_SERVICES } from './unclear-services';
import type { SimulatedService } from './windows';

export const SIMULATED_SERVICES: readonly SimulatedService[] = [
  ...EQUAL_SERVICES,
  ...BAD_SERVICES,
  ...UNCLEAR_SERVICES,
];
