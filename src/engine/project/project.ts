// A project: one folder with a database, upload folders, a backups folder and migrations.
import type { ContainerPlace } from '../compose/place';
import type { BackupError } from '../errors';

/** Where a caller says that a project is; what is not given is discovered. Relative paths are relative to `root`. */
export interface ProjectRequest {
  readonly root: string;
  readonly database?: string;
  readonly uploads?: readonly string[];
  readonly backups?: string;
  /** Only look: no settings of the folder are read, no database is opened, no program is run and nothing is written. */
  readonly readOnly?: boolean;
  /** The shell command that applies the migrations, run in `root`. */
  readonly migrateCommand?: string;
}

/** The way back into containers, for copies that an operation changes. */
export interface Delivery {
  /** Finds the record of it again. */
  readonly key: string;
  /** Names of the containers that would be stopped. Fails where `hold` would. */
  foresee(): Promise<readonly string[]>;
  /** Stops what could write there and brings the copies up to date, for the restore of this id. */
  hold(id: string): Promise<void>;
  /** Puts what the copies are now into their places: all of it or nothing, unless it fails with RESTORE_INTERRUPTED. */
  deliver(): Promise<void>;
  /** Starts again what was stopped. Gives a sentence for what could not be done; never fails. */
  release(): Promise<readonly string[]>;
}

/** How a path of the project became known, most explicit first. */
export type Origin = 'flag' | 'setting' | 'layout' | '.env' | 'compose' | 'migrations' | 'header';

/** All paths absolute. The database and the folders need not exist (yet). */
export interface Project {
  readonly root: string;
  /** null: none was found, see Discovery.searched. */
  readonly database: string | null;
  readonly databaseOrigin: Origin | null;
  /** Where the database lies, if only a container reaches it. */
  readonly databasePlace?: ContainerPlace;
  /** Upload folders that only containers reach. */
  readonly uploadPlaces?: readonly ContainerPlace[];
  /** What has been brought here of them: where its copy lies on this machine, and what it is called there. */
  readonly copies?: Readonly<Record<string, string>>;
  readonly delivery?: Delivery;
  /** They are files of this machine, by their copies, that this user may only replace through this service. */
  readonly throughService?: { readonly service: string; readonly hosts: Readonly<Record<string, string>> };
  /** How long the application stood still for that, in milliseconds. */
  readonly pausedMs?: number;
  /** The moment that they are of, milliseconds since 1970, where the application may have written since; absent: they are current. */
  readonly asOf?: number;
  /** Why what is in containers could not be brought here; absent: it was, or nobody tried. */
  readonly outOfReach?: BackupError;
  readonly uploads: readonly string[];
  /** The caller named the upload folders: nothing that lies in the project's folder did. */
  readonly uploadsAreGiven?: boolean;
  readonly backups: string;
  readonly readOnly?: boolean;
  readonly migrateCommand?: string;
}

/** A database that may be the project's, with all that was found out about it. */
export interface Candidate {
  /** Absolute; need not exist. In a container: SERVICE:PATH. */
  readonly path: string;
  /** What speaks for it and against it, half sentences for people. */
  readonly reasons: readonly string[];
  readonly chosen: boolean;
}

export interface Discovery {
  readonly project: Project;
  /** Every database that was considered, the strongest first. */
  readonly candidates: readonly Candidate[];
  /** Why somebody has to be asked which one it is, in a sentence; null: it is clear, or there is none. */
  readonly question: string | null;
  /** Absolute paths of the project's other databases: no backup holds them. */
  readonly notProtected: readonly string[];
  /** No uploads folder was found, but these look like some: absolute paths. */
  readonly uploadsLookLike: readonly string[];
  /** In words, one entry a place, what was looked at: shown when there is no database. */
  readonly searched: readonly string[];
}
