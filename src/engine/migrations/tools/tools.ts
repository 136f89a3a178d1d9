// The migration tools that are recognised, in the order in which they are asked.
import { alembic } from './alembic/alembic';
import { django } from './django/django';
import { drizzle } from './drizzle/drizzle';
import { knex } from './knex/knex';
import { prisma } from './prisma/prisma';
import { rails } from './rails/rails';
import { sequelize } from './sequelize/sequelize';
import type { MigrationTool } from '../tool';

export const TOOLS: readonly MigrationTool[] = [alembic, django, prisma, drizzle, knex, sequelize, rails];
