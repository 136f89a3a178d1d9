// How long this process was at work, however busy the machine is with others.

/** Starts counting; the function returned gives the milliseconds of processor time since. */
export function processorTime(): () => number {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return (user + system) / 1000;
  };
}
