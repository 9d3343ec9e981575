export const DRILLS = '/v1/registry/drills';
