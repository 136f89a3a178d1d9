// One word of a shell's command line.
export { quotedWord } from '../platform/shell';
