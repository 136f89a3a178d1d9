// The migration tools that are recognised, in the order in which they are asked.
import { alembic } from './alembic/alembic';
import { django } from './django/django';
import { drizzle } from './drizzle';
import { knex } from './knex';
import { prisma } from './prisma';
import { rails } from './rails';
import type { MigrationTool } from './tool';

export const TOOLS: readonly MigrationTool[] = [alembic, django, prisma, drizzle, knex, rails];
