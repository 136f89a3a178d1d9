// Keeps V8's space for short-lived objects small while millions of rows pass through it.
import { setFlagsFromString } from 'node:v8';

/**
 * V8 doubles that space again and again under such a load, to far more memory than the rows at hand need. Holds for the
 * rest of the process. Electron may have frozen its flags: there `--max-semi-space-size=4` at the start of the process does it.
 */
export function keepYoungGenerationSmall(): void {
  if (process.versions.electron === undefined) {
    setFlagsFromString('--semi-space-growth-factor=1');
  }
}
