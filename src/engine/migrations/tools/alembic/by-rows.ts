// Which of several Alembic environments are about the database: those whose files know its rows, then those that name it.
import { basename, dirname, resolve } from 'node:path';
import { entriesOf, lookOf } from '../../reading/look';
import { askDatabase } from '../../reading/rows-in-database';
import type { ProjectFolder } from '../../tool';
import { environmentAround, type Environment } from './environment';
import { readHistory } from './history';
import { versionTables } from './version-table';

/** A database has a row for each branch of its history: each is looked for in every file. */
const MOST_ROWS = 50;

/** The environments that are applied to this database. Rows that none of them knows name the files, wherever these are. */
export function byRows(environments: readonly Environment[], project: ProjectFolder): readonly Environment[] {
  const rows = ownRows(project);
  const knows = (each: Environment): boolean => rows.some((row) => readHistory(each, project).graph.nodes.has(row));
  const knowing = environments.filter(knows);
  if (knowing.length > 0) {
    const tables = new Set(knowing.map(tableOf));
    return aboutDatabase(
      environments.filter((each) => knowing.includes(each) || !tables.has(tableOf(each))),
      project,
    );
  }
  if (rows.length > 0) {
    const deeper = environments
      .filter(hasMore)
      .map((each) => ({ ...each, recursive: true, byRows: true }))
      .filter(knows);
    const found = deeper.length > 0 ? deeper : aroundRows(rows, project).filter((each) => knows(each) && isWhole(each, project));
    if (found.length > 0) {
      return aboutDatabase(found, project);
    }
  }
  return aboutDatabase(environments, project);
}

/** A file that was moved aside knows its row, but is no history: what it builds on lies elsewhere. */
function isWhole(environment: Environment, project: ProjectFolder): boolean {
  return readHistory(environment, project).graph.problems.length === 0;
}

function tableOf({ versionTable }: Environment): string {
  return versionTable ?? 'alembic_version';
}

function ownRows(project: ProjectFolder): readonly string[] {
  return askDatabase(project, 'alembic rows', [], (db) => [...versionTables(db).values()].flat().slice(0, MOST_ROWS));
}

/** There are folders below that of the versions. */
function hasMore({ versions, recursive }: Environment): boolean {
  return !recursive && versions.some((folder) => entriesOf(folder).some((entry) => entry.isDirectory() && entry.name !== '__pycache__'));
}

/** The folder of a file that says it is one of these revisions. */
function aroundRows(rows: readonly string[], project: ProjectFolder): Environment[] {
  const look = lookOf(project);
  const isRevision = (file: string): boolean => {
    const text = file.endsWith('.py') ? (look.text(file) ?? '') : '';
    return text.includes('down_revision') && rows.some((row) => text.includes(row) && /^revision\b/m.test(text));
  };
  const folders = [...new Set(look.files.filter(isRevision).map((file) => dirname(file)))];
  return folders.map((folder) => {
    const scripts = basename(folder) === 'versions' ? dirname(folder) : folder;
    return { ...environmentAround(resolve(scripts, 'env.py'), project.root), versions: [folder], byRows: true };
  });
}

/** Several may share one database only if each keeps its own version table. */
function aboutDatabase(environments: readonly Environment[], project: ProjectFolder): readonly Environment[] {
  if (environments.length < 2) {
    return environments;
  }
  const { database } = project;
  const rank = (environment: Environment): number => rankOf(environment, database);
  const best = Math.min(...environments.map(rank));
  const fitting = environments.filter((environment) => rank(environment) === best);
  const tables = new Set(fitting.map(tableOf));
  if (tables.size === fitting.length) {
    return fitting;
  }
  const isEmpty = (each: Environment): number => (readHistory(each, project).graph.nodes.size === 0 ? 1 : 0);
  const distance = ({ folder }: Environment): number => -commonLength(folder, database ?? folder);
  return [...fitting].sort((a, b) => isEmpty(a) - isEmpty(b) || distance(a) - distance(b) || a.folder.length - b.folder.length).slice(0, 1);
}

/** Whether the URL that goes with the configuration is this database's. */
export function namesDatabase(environment: Environment, database: string | null): boolean {
  return rankOf(environment, database) === 0;
}

/** 0: it names this database; 1: it does not say; 2: it names another. */
function rankOf({ url, folder }: Environment, database: string | null): number {
  const path = /^sqlite(?:\+\w+)?:\/\/\/([^?]*)/.exec(url ?? '')?.[1];
  if (url === null || database === null || /^driver:|^$/.test(url)) {
    return 1;
  }
  if (path === undefined) {
    return 2;
  }
  if (resolve(folder, path) === database) {
    return 0;
  }
  return path.startsWith('/') ? 1 : 2;
}

function commonLength(one: string, other: string): number {
  let length = 0;
  while (length < one.length && one[length] === other[length]) {
    length++;
  }
  return length;
}
