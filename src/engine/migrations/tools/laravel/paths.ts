// Laravel's functions for its own folders, as its PHP configuration uses them.
import { basename, dirname, join } from 'node:path';
import { lookOf } from '../../reading/look';
import type { ProjectFolder } from '../../tool';

/** https://laravel.com/docs/helpers#paths-method-list; the function's name is what stands before `_path`. */
const FOLDERS: Readonly<Record<string, string>> = { base: '', storage: 'storage', database: 'database', public: 'public' };

/** A call such as `storage_path('app/x')`, as a pattern with two groups. */
export const PATH_CALL = String.raw`(base|storage|database|public)_path\(\s*(?:["']([^"']{0,500})["'])?\s*\)`;

/** The path, relative to the application's folder, that such a call means. */
export function pathOf(name: string, path = ''): string {
  return join(FOLDERS[name] ?? '', path);
}

export function laravelFolders(project: ProjectFolder): readonly string[] {
  return lookOf(project)
    .files.filter((file) => basename(file) === 'artisan')
    .map((file) => dirname(file));
}
