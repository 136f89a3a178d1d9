// Everybody whose configuration says where a project keeps its data: the migration tools, and frameworks whose migrations are not read.
import type { MigrationTool } from '../tool';
import { databases as ectoDatabases } from './ecto/databases';
import { uploads as keystoneUploads } from './keystone/uploads';
import { databases as laravelDatabases } from './laravel/databases';
import { uploads as laravelUploads } from './laravel/uploads';
import { databases as nodeDatabases } from './node/databases';
import { uploads as nodeUploads } from './node/uploads';
import { databases as pocketbaseDatabases, uploads as pocketbaseUploads } from './pocketbase/data';
import { databases as settingsDatabases } from './settings-files/databases';
import { uploads as settingsUploads } from './settings-files/uploads';
import { databases as strapiDatabases } from './strapi/databases';
import { TOOLS } from './tools';
import { databases as typeormDatabases } from './typeorm/databases';

export type Framework = Pick<MigrationTool, 'name' | 'databases' | 'uploads'>;

export const FRAMEWORKS: readonly Framework[] = [
  ...TOOLS,
  { name: 'laravel', databases: laravelDatabases, uploads: laravelUploads },
  { name: 'strapi', databases: strapiDatabases },
  { name: 'ecto', databases: ectoDatabases },
  { name: 'typeorm', databases: typeormDatabases },
  { name: 'keystone', uploads: keystoneUploads },
  { name: 'node', databases: nodeDatabases, uploads: nodeUploads },
  { name: 'pocketbase', databases: pocketbaseDatabases, uploads: pocketbaseUploads },
  { name: 'settings files', databases: settingsDatabases, uploads: settingsUploads },
];
