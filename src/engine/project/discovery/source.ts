// What a source of discovery answers, for the readers of this folder.
export type { NamedDatabase, SourceAnswer } from '../../migrations/reading/named';
