// The migration tools that are recognised, in the order in which they are asked.
import { alembic } from './alembic/alembic';
import type { MigrationTool } from './tool';

export const TOOLS: readonly MigrationTool[] = [alembic];
