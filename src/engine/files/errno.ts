// The system's own code of a failure.
export { errnoOf } from '../platform/errno';
