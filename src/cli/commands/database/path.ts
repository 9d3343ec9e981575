export const DATABASES = '/v1/registry/databases';
