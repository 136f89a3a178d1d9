// An engine that leaves what a kill leaves.
import { createEngine } from '../../src/engine/create-engine';
import type { Engine } from '../../src/engine/engine';
import { realDisk } from '../../src/engine/files/disk';
import { realEnvironment, type Step } from '../../src/engine/store/environment';

/** An engine whose disk answers nothing any more from a step on: what is left is what a kill leaves. */
export function deadFrom(step: Step): Engine {
  let isDead = false;
  const disk = new Proxy(realDisk, {
    get: (target, name): unknown =>
      isDead ? () => Promise.reject(Object.assign(new Error('dead'), { code: 'EDEAD' })) : Reflect.get(target, name),
  });
  return createEngine({
    ...realEnvironment,
    disk,
    step: (name) => {
      if (name === step) {
        isDead = true;
        throw new Error('dead');
      }
    },
  });
}
